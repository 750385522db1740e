extension BundledContexts {
    /// The terms of Data Integrity 1.0.
    static let dataIntegrityV2 = BundledContext("https://w3id.org/security/data-integrity/v2", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate dct http://purl.org/dc/terms/
        id @id
        type @type
        @protected
        proof sec|proof type=@id container=@graph
        DataIntegrityProof sec|DataIntegrityProof {
            @protected
            id @id
            type @type
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            domain sec|domain
            expires sec|expiration type=xsd|dateTime
            nonce sec|nonce
            previousProof sec|previousProof type=@id
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
            cryptosuite sec|cryptosuite type=sec|cryptosuiteString
            proofValue sec|proofValue type=sec|multibase
            verificationMethod sec|verificationMethod type=@id
        }
        """#)
}
