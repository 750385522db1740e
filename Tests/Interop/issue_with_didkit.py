#!/usr/bin/env python3
"""Issues one credential with didkit, for us to check: Ed25519Signature2020 under a did:key, data model 1.1.

    issue_with_didkit.py

Prints the credential. Ends with 3 when didkit does not load. didkit 0.3 knows no DataIntegrityProof, so it cannot check ours.
"""
import asyncio, json, sys

try:
    import didkit
except ImportError:
    sys.exit(3)


async def main():
    key = didkit.generate_ed25519_key()
    options = {
        "proofPurpose": "assertionMethod", "type": "Ed25519Signature2020",
        "verificationMethod": await didkit.key_to_verification_method("key", key),
    }
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1"], "id": "urn:uuid:0c000000-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential"], "issuer": didkit.key_to_did("key", key), "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:1"},
    }
    print(await didkit.issue_credential(json.dumps(credential), json.dumps(options), key))


asyncio.run(main())
