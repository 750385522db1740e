extension BundledContexts {
    /// The terms of the security vocabulary, version 1.
    static let securityV1 = BundledContext("https://w3id.org/security/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate dct http://purl.org/dc/terms/
        id @id
        type @type
        dc dct|
        sec sec|
        xsd xsd|
        EcdsaKoblitzSignature2016 sec|EcdsaKoblitzSignature2016
        Ed25519Signature2018 sec|Ed25519Signature2018
        EncryptedMessage sec|EncryptedMessage
        GraphSignature2012 sec|GraphSignature2012
        LinkedDataSignature2015 sec|LinkedDataSignature2015
        LinkedDataSignature2016 sec|LinkedDataSignature2016
        CryptographicKey sec|Key
        authenticationTag sec|authenticationTag
        canonicalizationAlgorithm sec|canonicalizationAlgorithm
        cipherAlgorithm sec|cipherAlgorithm
        cipherData sec|cipherData
        cipherKey sec|cipherKey
        created dct|created type=xsd|dateTime
        creator dct|creator type=@id
        digestAlgorithm sec|digestAlgorithm
        digestValue sec|digestValue
        domain sec|domain
        encryptionKey sec|encryptionKey
        expiration sec|expiration type=xsd|dateTime
        expires sec|expiration type=xsd|dateTime
        initializationVector sec|initializationVector
        iterationCount sec|iterationCount
        nonce sec|nonce
        normalizationAlgorithm sec|normalizationAlgorithm
        owner sec|owner type=@id
        password sec|password
        privateKey sec|privateKey type=@id
        privateKeyPem sec|privateKeyPem
        publicKey sec|publicKey type=@id
        publicKeyBase58 sec|publicKeyBase58
        publicKeyPem sec|publicKeyPem
        publicKeyWif sec|publicKeyWif
        publicKeyService sec|publicKeyService type=@id
        revoked sec|revoked type=xsd|dateTime
        salt sec|salt
        signature sec|signature
        signatureAlgorithm sec|signatureAlgorithm
        signatureValue sec|signatureValue
        """#)
}
