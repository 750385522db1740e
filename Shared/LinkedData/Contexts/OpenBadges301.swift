extension BundledContexts {
    /// The terms of Open Badges 3.0.1.
    static let openBadges301 = BundledContext("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", #"""
        abbreviate ob https://purl.imsglobal.org/spec/vc/ob/vocab.html#
        abbreviate xsds https://www.w3.org/2001/XMLSchema#
        abbreviate schema https://schema.org/
        id @id
        type @type
        xsd xsds|
        OpenBadgeCredential ob|OpenBadgeCredential
        Achievement ob|Achievement {
            achievementType ob|achievementType type=xsd:string
            alignment ob|alignment container=@set
            creator ob|creator
            creditsAvailable ob|creditsAvailable type=xsd:float
            criteria ob|Criteria type=@id
            fieldOfStudy ob|fieldOfStudy type=xsd:string
            humanCode ob|humanCode type=xsd:string
            image ob|Image type=@id
            otherIdentifier ob|otherIdentifier container=@set
            related ob|related container=@set
            resultDescription ob|resultDescription container=@set
            specialization ob|specialization type=xsd:string
            tag schema|keywords type=xsd:string container=@set
            version ob|version type=xsd:string
        }
        AchievementCredential OpenBadgeCredential
        AchievementSubject ob|AchievementSubject {
            achievement ob|achievement-0
            activityEndDate ob|activityEndDate type=xsd:date
            activityStartDate ob|activityStartDate type=xsd:date
            creditsEarned ob|creditsEarned type=xsd:float
            identifier ob|identifier container=@set
            image ob|Image type=@id
            licenseNumber ob|licenseNumber type=xsd:string
            result ob|result container=@set
            role ob|role type=xsd:string
            source ob|source type=@id
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
        Alignment schema|AlignmentObject {
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
            address ob|address type=@id
            dateOfBirth ob|dateOfBirth type=xsd:date
            email schema|email type=xsd:string
            familyName schema|familyName type=xsd:string
            familyNamePrefix ob|familyNamePrefix type=xsd:string
            givenName schema|givenName type=xsd:string
            honorificPrefix schema|honorificPrefix type=xsd:string
            honorificSuffix schema|honorificSuffix type=xsd:string
            image ob|Image type=@id
            otherIdentifier ob|otherIdentifier container=@set
            parentOrg ob|parentOrg type=@id
            patronymicName ob|patronymicName type=xsd:string
            phone ob|phone type=xsd:string
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
            rubricCriterionLevel ob|rubricCriterionLevel container=@set
            valueMax ob|valueMax type=xsd:string
            valueMin ob|valueMin type=xsd:string
        }
        RubricCriterionLevel ob|RubricCriterionLevel {
            level ob|level type=xsd:string
            points ob|points type=xsd:string
        }
        alignment ob|alignment container=@set
        awardedDate ob|awardedDate type=xsds|dateTime
        description schema|description type=xsds|string
        endorsement ob|endorsement container=@set
        image ob|image type=@id
        name schema|name type=xsds|string
        narrative ob|narrative type=xsds|string
        url schema|url type=xsds|anyURI
        """#)
}
