extension BundledContexts {
    /// The terms of the security vocabulary, version 2.
    static let securityV2 = BundledContext("https://w3id.org/security/v2", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate dct http://purl.org/dc/terms/
        @version 1.1
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
        AesKeyWrappingKey2019 sec|AesKeyWrappingKey2019
        Ed25519VerificationKey2018 sec|Ed25519VerificationKey2018
        EquihashProof2018 sec|EquihashProof2018
        ExportKeyOperation sec|ExportKeyOperation
        DeleteKeyOperation sec|DeleteKeyOperation
        GenerateKeyOperation sec|GenerateKeyOperation
        KmsOperation sec|KmsOperation
        RevokeKeyOperation sec|RevokeKeyOperation
        RsaSignature2018 sec|RsaSignature2018
        RsaVerificationKey2018 sec|RsaVerificationKey2018
        Sha256HmacKey2019 sec|Sha256HmacKey2019
        SignOperation sec|SignOperation
        UnwrapKeyOperation sec|UnwrapKeyOperation
        VerifyOperation sec|VerifyOperation
        WrapKeyOperation sec|WrapKeyOperation
        X25519KeyAgreementKey2019 sec|X25519KeyAgreementKey2019
        allowedAction sec|allowedAction
        capabilityAction sec|capabilityAction
        challenge sec|challenge
        ciphertext sec|ciphertext
        jws sec|jws
        plaintext sec|plaintext
        proofValue sec|proofValue
        referenceId sec|referenceId
        unwrappedKey sec|unwrappedKey
        verifyData sec|verifyData
        wrappedKey sec|wrappedKey
        kmsModule sec|kmsModule
        assertionMethod sec|assertionMethod type=@id container=@set
        authentication sec|authenticationMethod type=@id container=@set
        capability sec|capability type=@id
        capabilityChain sec|capabilityChain type=@id container=@list
        capabilityDelegation sec|capabilityDelegationMethod type=@id container=@set
        capabilityInvocation sec|capabilityInvocationMethod type=@id container=@set
        keyAgreement sec|keyAgreementMethod type=@id container=@set
        caveat sec|caveat type=@id container=@set
        controller sec|controller type=@id
        delegator sec|delegator type=@id
        invocationTarget sec|invocationTarget type=@id
        invoker sec|invoker type=@id
        parentCapability sec|parentCapability type=@id
        verificationMethod sec|verificationMethod type=@id
        equihashParameterK sec|equihashParameterK type=xsd|integer
        equihashParameterN sec|equihashParameterN type=xsd|integer
        proof sec|proof type=@id container=@graph
        proofPurpose sec|proofPurpose type=@vocab
        """#)
}
