extension BundledContexts {
    /// The terms of Controlled Identifiers 1.0.
    static let controlledIdentifiersV1 = BundledContext("https://www.w3.org/ns/cid/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate did https://www.w3.org/ns/did#
        @protected
        id @id
        type @type
        alsoKnownAs https://www.w3.org/ns/activitystreams#alsoKnownAs type=@id
        assertionMethod sec|assertionMethod type=@id container=@set
        authentication sec|authenticationMethod type=@id container=@set
        capabilityDelegation sec|capabilityDelegationMethod type=@id container=@set
        capabilityInvocation sec|capabilityInvocationMethod type=@id container=@set
        controller sec|controller type=@id
        keyAgreement sec|keyAgreementMethod type=@id container=@set
        service did|service type=@id {
            @protected
            id @id
            type @type
            serviceEndpoint did|serviceEndpoint type=@id
        }
        verificationMethod sec|verificationMethod type=@id
        Multikey sec|Multikey {
            @protected
            id @id
            type @type
            controller sec|controller type=@id
            revoked sec|revoked type=xsd|dateTime
            expires sec|expiration type=xsd|dateTime
            publicKeyMultibase sec|publicKeyMultibase type=sec|multibase
            secretKeyMultibase sec|secretKeyMultibase type=sec|multibase
        }
        JsonWebKey sec|JsonWebKey {
            @protected
            id @id
            type @type
            controller sec|controller type=@id
            revoked sec|revoked type=xsd|dateTime
            expires sec|expiration type=xsd|dateTime
            publicKeyJwk sec|publicKeyJwk type=@json
            secretKeyJwk sec|secretKeyJwk type=@json
        }
        """#)
}
