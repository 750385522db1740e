extension BundledContexts {
    /// The terms of the suite JsonWebSignature2020.
    static let jsonWebSignature2020 = BundledContext("https://w3id.org/security/suites/jws-2020/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate dct http://purl.org/dc/terms/
        privateKeyJwk sec|privateKeyJwk type=@json
        JsonWebKey2020 sec|JsonWebKey2020 {
            @protected
            id @id
            type @type
            publicKeyJwk sec|publicKeyJwk type=@json
        }
        JsonWebSignature2020 sec|JsonWebSignature2020 {
            @protected
            id @id
            type @type
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            domain sec|domain
            expires sec|expiration type=xsd|dateTime
            jws sec|jws
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
            verificationMethod sec|verificationMethod type=@id
        }
        """#)
}
