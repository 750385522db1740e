extension BundledContexts {
    /// The terms of Verifiable Credentials Data Model 1.1.
    static let credentialsV1 = BundledContext("https://www.w3.org/2018/credentials/v1", #"""
        abbreviate cred https://www.w3.org/2018/credentials#
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate dct http://purl.org/dc/terms/
        @version 1.1
        @protected
        id @id
        type @type
        VerifiableCredential cred|VerifiableCredential {
            @version 1.1
            @protected
            id @id
            type @type
            cred cred|
            sec sec|
            xsd xsd|
            credentialSchema cred|credentialSchema type=@id {
                @version 1.1
                @protected
                id @id
                type @type
                cred cred|
                JsonSchemaValidator2018 cred|JsonSchemaValidator2018
            }
            credentialStatus cred|credentialStatus type=@id
            credentialSubject cred|credentialSubject type=@id
            evidence cred|evidence type=@id
            expirationDate cred|expirationDate type=xsd|dateTime
            holder cred|holder type=@id
            issued cred|issued type=xsd|dateTime
            issuer cred|issuer type=@id
            issuanceDate cred|issuanceDate type=xsd|dateTime
            proof sec|proof type=@id container=@graph
            refreshService cred|refreshService type=@id {
                @version 1.1
                @protected
                id @id
                type @type
                cred cred|
                ManualRefreshService2018 cred|ManualRefreshService2018
            }
            termsOfUse cred|termsOfUse type=@id
            validFrom cred|validFrom type=xsd|dateTime
            validUntil cred|validUntil type=xsd|dateTime
        }
        VerifiablePresentation cred|VerifiablePresentation {
            @version 1.1
            @protected
            id @id
            type @type
            cred cred|
            sec sec|
            holder cred|holder type=@id
            proof sec|proof type=@id container=@graph
            verifiableCredential cred|verifiableCredential type=@id container=@graph
        }
        EcdsaSecp256k1Signature2019 sec|EcdsaSecp256k1Signature2019 {
            @version 1.1
            @protected
            id @id
            type @type
            sec sec|
            xsd xsd|
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            domain sec|domain
            expires sec|expiration type=xsd|dateTime
            jws sec|jws
            nonce sec|nonce
            proofPurpose sec|proofPurpose type=@vocab {
                @version 1.1
                @protected
                id @id
                type @type
                sec sec|
                assertionMethod sec|assertionMethod type=@id container=@set
                authentication sec|authenticationMethod type=@id container=@set
            }
            proofValue sec|proofValue
            verificationMethod sec|verificationMethod type=@id
        }
        EcdsaSecp256r1Signature2019 sec|EcdsaSecp256r1Signature2019 {
            @version 1.1
            @protected
            id @id
            type @type
            sec sec|
            xsd xsd|
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            domain sec|domain
            expires sec|expiration type=xsd|dateTime
            jws sec|jws
            nonce sec|nonce
            proofPurpose sec|proofPurpose type=@vocab {
                @version 1.1
                @protected
                id @id
                type @type
                sec sec|
                assertionMethod sec|assertionMethod type=@id container=@set
                authentication sec|authenticationMethod type=@id container=@set
            }
            proofValue sec|proofValue
            verificationMethod sec|verificationMethod type=@id
        }
        Ed25519Signature2018 sec|Ed25519Signature2018 {
            @version 1.1
            @protected
            id @id
            type @type
            sec sec|
            xsd xsd|
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            domain sec|domain
            expires sec|expiration type=xsd|dateTime
            jws sec|jws
            nonce sec|nonce
            proofPurpose sec|proofPurpose type=@vocab {
                @version 1.1
                @protected
                id @id
                type @type
                sec sec|
                assertionMethod sec|assertionMethod type=@id container=@set
                authentication sec|authenticationMethod type=@id container=@set
            }
            proofValue sec|proofValue
            verificationMethod sec|verificationMethod type=@id
        }
        RsaSignature2018 sec|RsaSignature2018 {
            @version 1.1
            @protected
            challenge sec:challenge
            created dct|created type=xsd:dateTime
            domain sec:domain
            expires sec:expiration type=xsd:dateTime
            jws sec:jws
            nonce sec:nonce
            proofPurpose sec:proofPurpose type=@vocab {
                @version 1.1
                @protected
                id @id
                type @type
                sec sec|
                assertionMethod sec|assertionMethod type=@id container=@set
                authentication sec|authenticationMethod type=@id container=@set
            }
            proofValue sec:proofValue
            verificationMethod sec:verificationMethod type=@id
        }
        proof sec|proof type=@id container=@graph
        """#)
}
