extension BundledContexts {
    /// The terms of JsonWebKey.
    static let jsonWebKeyV1 = BundledContext("https://w3id.org/security/jwk/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        id @id
        type @type
        @protected
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
