extension BundledContexts {
    /// The terms of Decentralized Identifiers 1.0.
    static let decentralizedIdentifiersV1 = BundledContext("https://www.w3.org/ns/did/v1", #"""
        abbreviate sec https://w3id.org/security#
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
        """#)
}
