#!/usr/bin/env python3
"""Checks what Cairn issued, with other people's software only.

    check_credentials.py FOLDER SHARED

FOLDER holds expected.json, a list of {"file", "proof", "schema", "strict", "good"}, and the files it names, with did.json,
the issuer's document. SHARED is the folder of published standards. Prints one JSON object a line: {"file", "check",
"good", "note"}. Ends with 0 when every answer is the one expected.

Used: jsonschema; pyld and cryptography for eddsa-rdfc-2022, cryptography for eddsa-jcs-2022; joserfc for JWT. None of it
fetches anything: contexts are read from SHARED.
"""
import base64, hashlib, json, sys
from pathlib import Path

FOLDER, SHARED = Path(sys.argv[1]), Path(sys.argv[2])
STANDARDS = SHARED / "standards"
CONTEXTS = {
    "https://www.w3.org/ns/credentials/v2": "w3c-vc/context/credentials-v2.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "openbadges-3.0/context/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": "clr-2.0/context/context-2.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": "openbadges-3.0/context/extensions.json",
}
SCHEMAS = {
    ("badge", True): "openbadges-3.0/schema/strict-arrays/ob_v3p0_achievementcredential_schema.json",
    ("badge", False): "openbadges-3.0/schema/compaction-tolerant/ob_v3p0_achievementcredential_schema.json",
    ("endorsement", False): "openbadges-3.0/schema/compaction-tolerant/ob_v3p0_endorsementcredential_schema.json",
    ("clr", False): "clr-2.0/schema/compaction-tolerant/clr_v2p0_clrcredential_schema.json",
}
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(text):
    number = 0
    for character in text:
        number = number * 58 + ALPHABET.index(character)
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" * (len(text) - len(text.lstrip("1"))) + body


def loader(url, _options=None):
    return {"contextUrl": None, "documentUrl": url, "document": json.loads((STANDARDS / CONTEXTS[url]).read_text())}


def method(document, name):
    found = next(m for m in document["verificationMethod"] if m["id"] == name)
    assert name in document["assertionMethod"]
    return found


def canonical(document, suite):
    if suite == "eddsa-jcs-2022":
        # Our documents have plain names and whole numbers, for which sorting by code point is RFC 8785.
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    from pyld import jsonld
    text = jsonld.normalize(document, {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": loader})
    return text.encode()


def data_integrity(document, issuer):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    document = json.loads(json.dumps(document))
    proofs = document.pop("proof")
    for proof in proofs:
        config = {name: value for name, value in proof.items() if name != "proofValue"}
        suite = proof["cryptosuite"]
        if suite == "eddsa-rdfc-2022":
            config["@context"] = document["@context"]
        elif config["@context"] != document["@context"]:
            return False
        digest = hashlib.sha256(canonical(config, suite)).digest() + hashlib.sha256(canonical(document, suite)).digest()
        key = base58(method(issuer, proof["verificationMethod"])["publicKeyMultibase"][1:])
        assert key[:2] == b"\xed\x01"
        try:
            Ed25519PublicKey.from_public_bytes(key[2:]).verify(base58(proof["proofValue"][1:]), digest)
        except (InvalidSignature, ValueError):
            return False
    return True


def public_jwk(found):
    if "publicKeyJwk" in found:
        return found["publicKeyJwk"]
    from cryptography.hazmat.primitives.asymmetric import ec
    key = base58(found["publicKeyMultibase"][1:])
    assert key[:2] == b"\x80\x24"
    numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key[2:]).public_numbers()
    text = lambda number: base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
    return {"kty": "EC", "crv": "P-256", "x": text(numbers.x), "y": text(numbers.y)}


def token(text, issuer):
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey
    try:
        head = json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
        jwk = public_jwk(method(issuer, head["kid"]))
        key = (ECKey if jwk["kty"] == "EC" else RSAKey).import_key(jwk)
        payload = json.loads(jws.deserialize_compact(text, key, algorithms=["ES256", "RS256"]).payload)
    except (JoseError, ValueError, StopIteration, KeyError):
        return False
    return payload["iss"] == payload["issuer"]["id"] and payload["jti"] == payload["id"] and payload["sub"] == payload["credentialSubject"]["id"]


def schema(document, name, strict):
    import jsonschema
    loaded = json.loads((STANDARDS / SCHEMAS[name, strict]).read_text())
    loaded["$schema"] = loaded["$schema"].rstrip("#")
    errors = sorted(jsonschema.Draft201909Validator(loaded).iter_errors(document), key=str)
    return (not errors, errors[0].message[:200] if errors else "")


def main():
    issuer = json.loads((FOLDER / "did.json").read_text())
    right = True
    def say(file, check, good, expected, note=""):
        nonlocal right
        right = right and good == expected
        print(json.dumps({"file": file, "check": check, "good": good, "expected": expected, "note": note}))
    for case in json.loads((FOLDER / "expected.json").read_text()):
        text = (FOLDER / case["file"]).read_text()
        if case["proof"] == "jwt":
            say(case["file"], "joserfc", token(text.strip(), issuer), case["good"])
            continue
        document = json.loads(text)
        if case["good"] and case.get("schema"):
            for strict in [True, False]:
                if (case["schema"], strict) in SCHEMAS:
                    good, note = schema(document, case["schema"], strict)
                    say(case["file"], f"schema {'strict' if strict else 'tolerant'}", good, True, note)
        try:
            good, note = data_integrity(document, issuer), ""
        except Exception as error:  # a document that pyld cannot read at all is not good either
            good, note = False, f"{type(error).__name__}: {error}"[:200]
        say(case["file"], "pyld" if "rdfc" in case["proof"] else "cryptography", good, case["good"], note)
    sys.exit(0 if right else 1)


main()
