extension BundledContexts {
    /// The terms of Open Badges 3.0, the address without a version.
    static let openBadges3 = BundledContext("https://purl.imsglobal.org/spec/ob/v3p0/context.json", #"""
        abbreviate ob https://purl.imsglobal.org/spec/vc/ob/vocab.html#
        abbreviate xsds https://www.w3.org/2001/XMLSchema#
        abbreviate schema https://schema.org/
        id @id
        type @type
        xsd xsds|
        OpenBadgeCredential ob|OpenBadgeCredential
        Achievement ob|Achievement {
            achievementType ob|achievementType type=xsd:string
            alignment ob|alignment type=ob|Alignment container=@set
            creator ob|Profile
            creditsAvailable ob|creditsAvailable type=xsd:float
            criteria ob|Criteria type=@id
            fieldOfStudy ob|fieldOfStudy type=xsd:string
            humanCode ob|humanCode type=xsd:string
            otherIdentifier ob|otherIdentifier type=ob|IdentifierEntry container=@set
            related ob|related type=ob|Related container=@set
            resultDescription ob|resultDescription type=ob|ResultDescription container=@set
            specialization ob|specialization type=xsd:string
            tag schema|keywords type=xsd:string container=@set
            version ob|version type=xsd:string
        }
        AchievementCredential OpenBadgeCredential
        AchievementSubject ob|AchievementSubject {
            achievement ob|Achievement
            activityEndDate ob|activityEndDate type=xsd:date
            activityStartDate ob|activityStartDate type=xsd:date
            creditsEarned ob|creditsEarned type=xsd:float
            identifier ob|identifier type=ob|IdentityObject container=@set
            licenseNumber ob|licenseNumber type=xsd:string
            result ob|result type=ob|Result container=@set
            role ob|role type=xsd:string
            source ob|source type=ob|Profile
            term ob|term type=xsd:string
        }
        Address ob|Address {
            addressCountry schema|addressCountry type=xsd:string
            addressCountryCode ob|CountryCode type=xsd:string
            addressLocality schema|addressLocality type=xsd:string
            addressRegion schema|addressRegion type=xsd:string
            geo ob|GeoCoordinates
            postOfficeBoxNumber schema|postOfficeBoxNumber type=xsd:string
            postalCode schema|postalCode type=xsd:string
            streetAddress schema|streetAddress type=xsd:string
        }
        Alignment schema|Alignment {
            targetCode ob|targetCode type=xsd:string
            targetDescription schema|targetDescription type=xsd:string
            targetFramework schema|targetFramework type=xsd:string
            targetName schema|targetName type=xsd:string
            targetType ob|targetType type=xsd:string
            targetUrl schema|targetUrl type=xsd:anyURI
        }
        Criteria ob|Criteria
        EndorsementCredential ob|EndorsementCredential
        EndorsementSubject ob|EndorsementSubject {
            endorsementComment ob|endorsementComment type=xsd:string
        }
        Evidence ob|Evidence {
            audience schema|audience type=xsd:string
            genre schema|genre type=xsd:string
        }
        GeoCoordinates ob|GeoCoordinates {
            latitude schema|latitude type=xsd:string
            longitude schema|longitude type=xsd:string
        }
        IdentifierEntry ob|IdentifierEntry {
            identifier ob|identifier type=xsd:string
            identifierType ob|identifierType type=xsd:string
        }
        IdentityObject ob|IdentityObject {
            hashed ob|hashed type=xsd:boolean
            identityHash ob|identityHash type=xsd:string
            identityType ob|identityType type=xsd:string
            salt ob|salt type=xsd:string
        }
        Image ob|Image {
            caption schema|caption type=xsd:string
        }
        Profile ob|Profile {
            additionalName schema|additionalName type=xsd:string
            address ob|Address
            dateOfBirth ob|dateOfBirth type=xsd:date
            email schema|email type=xsd:string
            familyName schema|familyName type=xsd:string
            familyNamePrefix ob|familyNamePrefix type=xsd:string
            givenName schema|givenName type=xsd:string
            honorificPrefix schema|honorificPrefix type=xsd:string
            honorificSuffix schema|honorificSuffix type=xsd:string
            otherIdentifier ob|otherIdentifier type=ob|IdentifierEntry container=@set
            parentOrg ob|parentOrg type=xsd:string
            patronymicName ob|patronymicName type=xsd:string
            phone ob|PhoneNumber type=xsd:string
            official ob|official type=xsd:string
        }
        Related ob|Related {
            version ob|version type=xsd:string
        }
        Result ob|Result {
            achievedLevel ob|achievedLevel type=xsd:anyURI
            resultDescription ob|resultDescription type=xsd:anyURI
            status ob|status type=xsd:string
            value schema|value type=xsd:string
        }
        ResultDescription ob|ResultDescription {
            allowedValue ob|allowedValue type=xsd:string container=@set
            requiredLevel ob|requiredLevel type=xsd:anyURI
            requiredValue ob|requiredValue type=xsd:string
            resultType ob|resultType type=xsd:string
            rubricCriterionLevel ob|rubricCriterionLevel type=ob|RubricCriterionLevel container=@set
            valueMax ob|valueMax type=xsd:string
            valueMin ob|valueMin type=xsd:string
        }
        RubricCriterionLevel ob|RubricCriterionLevel {
            level ob|level type=xsd:string
            points ob|points type=xsd:string
        }
        alignment ob|alignment type=ob|Alignment container=@set
        description schema|description type=xsds|string
        endorsement ob|endorsement type=ob|EndorsementCredential container=@set
        image ob|image type=ob|Image
        name schema|name type=xsds|string
        narrative ob|narrative type=xsds|string
        url schema|url type=xsds|anyURI
        """#)
}
