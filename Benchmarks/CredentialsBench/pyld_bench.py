#!/usr/bin/env python3
"""The same badge issued and checked by pyld and cryptography: eddsa-rdfc-2022, contexts loaded once, one core.

    pyld_bench.py BADGE SHARED SECONDS

Prints {"issued": per second, "checked": per second}.
"""
import hashlib, json, sys, time
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld

given, standards, seconds = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]) / "standards", float(sys.argv[3])
contexts = {
    "https://www.w3.org/ns/credentials/v2": "w3c-vc/context/credentials-v2.jsonld",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "openbadges-3.0/context/context-3.0.3.json",
}
loaded = {url: {"contextUrl": None, "documentUrl": url, "document": json.loads((standards / path).read_text())} for url, path in contexts.items()}
key, badge = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given["seed"])), given["badge"]
public = key.public_key()
config = {
    "@context": badge["@context"], "type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "created": "2026-01-15T08:00:01Z",
    "verificationMethod": given["method"], "proofPurpose": "assertionMethod",
}


def digest():
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": lambda url, _: loaded[url]}
    return b"".join(hashlib.sha256(jsonld.normalize(document, options).encode()).digest() for document in (config, badge))


def rate(work):
    work()
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        work()
        count += 1
    return count / (time.monotonic() - began)


signature = key.sign(digest())
print(json.dumps({"issued": rate(lambda: key.sign(digest())), "checked": rate(lambda: public.verify(signature, digest()))}))
