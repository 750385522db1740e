extension BundledContexts {
    /// The terms of the suite Ed25519Signature2020.
    static let ed25519Signature2020 = BundledContext("https://w3id.org/security/suites/ed25519-2020/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate dct http://purl.org/dc/terms/
        id @id
        type @type
        @protected
        proof sec|proof type=@id container=@graph
        Ed25519VerificationKey2020 sec|Ed25519VerificationKey2020 {
            @protected
            id @id
            type @type
            controller sec|controller type=@id
            revoked sec|revoked type=xsd|dateTime
            publicKeyMultibase sec|publicKeyMultibase type=sec|multibase
        }
        Ed25519Signature2020 sec|Ed25519Signature2020 {
            @protected
            id @id
            type @type
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            domain sec|domain
            expires sec|expiration type=xsd|dateTime
            nonce sec|nonce
            proofPurpose sec|proofPurpose type=@vocab {
                @protected
                id @id
                type @type
                assertionMethod sec|assertionMethod type=@id container=@set
                authentication sec|authenticationMethod type=@id container=@set
                capabilityInvocation sec|capabilityInvocationMethod type=@id container=@set
                capabilityDelegation sec|capabilityDelegationMethod type=@id container=@set
                keyAgreement sec|keyAgreementMethod type=@id container=@set
            }
            proofValue sec|proofValue type=sec|multibase
            verificationMethod sec|verificationMethod type=@id
        }
        """#)
}
