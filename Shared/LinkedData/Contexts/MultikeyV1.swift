extension BundledContexts {
    /// The terms of Multikey.
    static let multikeyV1 = BundledContext("https://w3id.org/security/multikey/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        id @id
        type @type
        @protected
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
        """#)
}
