extension BundledContexts {
    /// The terms of Verifiable Credentials Data Model 2.0.
    static let credentialsV2 = BundledContext("https://www.w3.org/ns/credentials/v2", #"""
        abbreviate cred https://www.w3.org/2018/credentials#
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate xsds https://www.w3.org/2001/XMLSchema#
        abbreviate schema https://schema.org/
        abbreviate status https://www.w3.org/ns/credentials/status#
        abbreviate jwk https://www.iana.org/assignments/jose#
        abbreviate dct http://purl.org/dc/terms/
        @protected
        id @id
        type @type
        description schema|description
        digestMultibase sec|digestMultibase type=sec|multibase
        digestSRI cred|digestSRI type=cred|sriString
        mediaType schema|encodingFormat
        name schema|name
        VerifiableCredential cred|VerifiableCredential {
            @protected
            id @id
            type @type
            confidenceMethod cred|confidenceMethod type=@id
            credentialSchema cred|credentialSchema type=@id
            credentialStatus cred|credentialStatus type=@id
            credentialSubject cred|credentialSubject type=@id
            description schema|description
            evidence cred|evidence type=@id
            issuer cred|issuer type=@id
            name schema|name
            proof sec|proof type=@id container=@graph
            refreshService cred|refreshService type=@id
            relatedResource cred|relatedResource type=@id
            renderMethod cred|renderMethod type=@id
            termsOfUse cred|termsOfUse type=@id
            validFrom cred|validFrom type=xsd|dateTime
            validUntil cred|validUntil type=xsd|dateTime
        }
        EnvelopedVerifiableCredential cred|EnvelopedVerifiableCredential
        VerifiablePresentation cred|VerifiablePresentation {
            @protected
            id @id
            type @type
            holder cred|holder type=@id
            proof sec|proof type=@id container=@graph
            termsOfUse cred|termsOfUse type=@id
            verifiableCredential cred|verifiableCredential type=@id container=@graph context=null
        }
        EnvelopedVerifiablePresentation cred|EnvelopedVerifiablePresentation
        JsonSchemaCredential cred|JsonSchemaCredential
        JsonSchema cred|JsonSchema {
            @protected
            id @id
            type @type
            jsonSchema cred|jsonSchema type=@json
        }
        BitstringStatusListCredential status|BitstringStatusListCredential
        BitstringStatusList status|BitstringStatusList {
            @protected
            id @id
            type @type
            encodedList status|encodedList type=sec|multibase
            statusPurpose status|statusPurpose
            ttl status|ttl
        }
        BitstringStatusListEntry status|BitstringStatusListEntry {
            @protected
            id @id
            type @type
            statusListCredential status|statusListCredential type=@id
            statusListIndex status|statusListIndex
            statusPurpose status|statusPurpose
            statusMessage status|statusMessage {
                @protected
                id @id
                type @type
                message status|message
                status status|status
            }
            statusReference status|statusReference type=@id
            statusSize status|statusSize type=xsds|integer
        }
        DataIntegrityProof sec|DataIntegrityProof {
            @protected
            id @id
            type @type
            challenge sec|challenge
            created dct|created type=xsd|dateTime
            cryptosuite sec|cryptosuite type=sec|cryptosuiteString
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
                capabilityDelegation sec|capabilityDelegationMethod type=@id container=@set
                capabilityInvocation sec|capabilityInvocationMethod type=@id container=@set
                keyAgreement sec|keyAgreementMethod type=@id container=@set
            }
            proofValue sec|proofValue type=sec|multibase
            verificationMethod sec|verificationMethod type=@id
        }
        ... https://www.iana.org/assignments/jwt#...
        _sd https://www.iana.org/assignments/jwt#_sd type=@json
        _sd_alg https://www.iana.org/assignments/jwt#_sd_alg
        aud https://www.iana.org/assignments/jwt#aud type=@id
        cnf https://www.iana.org/assignments/jwt#cnf {
            @protected
            kid https://www.iana.org/assignments/jwt#kid type=@id
            jwk https://www.iana.org/assignments/jwt#jwk type=@json
        }
        exp https://www.iana.org/assignments/jwt#exp type=xsds|nonNegativeInteger
        iat https://www.iana.org/assignments/jwt#iat type=xsds|nonNegativeInteger
        iss jwk|iss type=@id
        jku jwk|jku type=@id
        kid jwk|kid type=@id
        nbf https://www.iana.org/assignments/jwt#nbf type=xsds|nonNegativeInteger
        sub jwk|sub type=@id
        x5u jwk|x5u type=@id
        """#)
}
