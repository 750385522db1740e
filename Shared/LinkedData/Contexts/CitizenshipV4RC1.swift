extension BundledContexts {
    /// The terms of the citizenship vocabulary that W3C vectors use.
    static let citizenshipV4RC1 = BundledContext("https://w3id.org/citizenship/v4rc1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsd http://www.w3.org/2001/XMLSchema#
        abbreviate schema https://schema.org/
        abbreviate citizen https://w3id.org/citizenship#
        @protected
        image schema|image type=@id
        QuantitativeValue schema|QuantitativeValue {
            @protected
            unitCode schema|unitCode
            value schema|value
        }
        PostalAddress schema|PostalAddress {
            @protected
            addressCountry schema|addressCountry
            addressLocality schema|addressLocality
            addressRegion schema|addressRegion
        }
        Person schema|Person {
            @protected
            id @id
            type @type
            additionalName schema|additionalName
            birthCountry citizen|birthCountry
            birthDate schema|birthDate type=xsd|dateTime
            familyName schema|familyName
            gender schema|gender
            givenName schema|givenName
            height schema|height
            image schema|image type=@id
            maritalStatus citizen|maritalStatus
            marriageCertificateNumber citizen|marriageCertificateNumber
            marriageLocation citizen|marriageLocation type=@id
        }
        PermanentResident citizen|PermanentResident {
            @protected
            id @id
            type @type
            commuterClassification citizen|commuterClassification
            formerNationality citizen|formerNationality
            permanentResidentCard citizen|permanentResidentCard type=@id
            residence citizen|residence type=@id
            residentSince citizen|residentSince type=xsd|dateTime
        }
        PermanentResidentCard citizen|PermanentResidentCard {
            @protected
            id @id
            type @type
            filingLocation citizen|filingLocation type=@id
            identifier schema|identifier
            lprCategory citizen|lprCategory
            lprNumber citizen|lprNumber
            mrzHash citizen|mrzHash type=sec|multibase
        }
        PermanentResidentCardCredential citizen|PermanentResidentCardCredential
        EmployablePerson citizen|EmployablePerson {
            @protected
            id @id
            type @type
            commuterClassification citizen|commuterClassification
            employmentAuthorizationDocument citizen|employmentAuthorizationDocument type=@id
            formerNationality citizen|formerNationality
            residence citizen|residence type=@id
            residentSince citizen|residentSince type=xsd|dateTime
        }
        EmploymentAuthorizationDocument citizen|EmploymentAuthorizationDocument {
            @protected
            id @id
            type @type
            filingLocation citizen|filingLocation type=@id
            identifier schema|identifier
            lprCategory citizen|lprCategory
            lprNumber citizen|lprNumber
            mrzHash citizen|mrzHash type=sec|multibase
        }
        EmploymentAuthorizationDocumentCredential citizen|EmploymentAuthorizationDocumentCredential
        NaturalizedPerson citizen|NaturalizedPerson {
            @protected
            id @id
            type @type
            formerNationality citizen|formerNationality
            certificateOfNaturalization citizen|certificateOfNaturalization type=@id
            residence citizen|residence type=@id
            residentSince citizen|residentSince type=xsd|dateTime
            commuterClassification citizen|commuterClassification
        }
        CertificateOfNaturalization citizen|CertificateOfNaturalization {
            @protected
            id @id
            type @type
            ceremonyDate citizen|ceremonyDate type=xsd|dateTime
            ceremonyLocation citizen|ceremonyLocation type=@id
            filingLocation citizen|filingLocation type=@id
            naturalizationLocation citizen|naturalizationLocation type=@id
            naturalizedBy citizen|naturalizedBy
            identifier schema|identifier
            insRegistrationNumber citizen|insRegistrationNumber
        }
        CertificateOfNaturalizationCredential citizen|CertificateOfNaturalizationCredential
        Citizen citizen|Citizen {
            @protected
            id @id
            type @type
            certificateOfCitizenship citizen|certificateOfCitizenship type=@id
        }
        CertificateOfCitizenship citizen|CertificateOfCitizenship {
            @protected
            id @id
            type @type
            filingLocation citizen|filingLocation type=@id
            identifier schema|identifier
            ceremonyDate citizen|ceremonyDate type=xsd|dateTime
            ceremonyLocation citizen|ceremonyLocation type=@id
            cisRegistrationNumber citizen|cisRegistrationNumber
        }
        CertificateOfCitizenshipCredential citizen|CertificateOfCitizenshipCredential
        """#)
}
