extension BundledContexts {
    /// The terms of Open Badges 3.0.3.
    static let openBadges303 = BundledContext("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", #"""
        abbreviate ob https://purl.imsglobal.org/spec/vc/ob/vocab.html#
        abbreviate xsds https://www.w3.org/2001/XMLSchema#
        abbreviate schema https://schema.org/
        @protected
        id @id
        type @type
        OpenBadgeCredential ob|OpenBadgeCredential
        Achievement ob|Achievement {
            @protected
            id @id
            type @type
            achievementType ob|achievementType
            alignment ob|alignment container=@set
            creator ob|creator
            creditsAvailable ob|creditsAvailable type=xsds|float
            criteria ob|Criteria type=@id
            fieldOfStudy ob|fieldOfStudy
            humanCode ob|humanCode
            image ob|image type=@id
            otherIdentifier ob|otherIdentifier container=@set
            related ob|related container=@set
            resultDescription ob|resultDescription container=@set
            specialization ob|specialization
            tag schema|keywords container=@set
            version ob|version
            inLanguage schema|inLanguage
        }
        AchievementCredential OpenBadgeCredential
        AchievementSubject ob|AchievementSubject {
            @protected
            id @id
            type @type
            achievement ob|achievement
            activityEndDate ob|activityEndDate type=xsds|date
            activityStartDate ob|activityStartDate type=xsds|date
            creditsEarned ob|creditsEarned type=xsds|float
            identifier ob|identifier container=@set
            image ob|image type=@id
            licenseNumber ob|licenseNumber
            result ob|result container=@set
            role ob|role
            source ob|source type=@id
            term ob|term
        }
        Address ob|Address {
            @protected
            id @id
            type @type
            addressCountry schema|addressCountry
            addressCountryCode ob|CountryCode
            addressLocality schema|addressLocality
            addressRegion schema|addressRegion
            geo ob|GeoCoordinates
            postOfficeBoxNumber schema|postOfficeBoxNumber
            postalCode schema|postalCode
            streetAddress schema|streetAddress
        }
        Alignment schema|AlignmentObject {
            @protected
            id @id
            type @type
            targetCode ob|targetCode
            targetDescription schema|targetDescription
            targetFramework schema|targetFramework
            targetName schema|targetName
            targetType ob|targetType
            targetUrl schema|targetUrl type=xsds|anyURI
        }
        Criteria ob|Criteria
        EndorsementCredential ob|EndorsementCredential
        EndorsementSubject ob|EndorsementSubject {
            @protected
            id @id
            type @type
            endorsementComment ob|endorsementComment
        }
        Evidence ob|Evidence {
            @protected
            id @id
            type @type
            audience schema|audience
            genre schema|genre
        }
        GeoCoordinates ob|GeoCoordinates {
            @protected
            id @id
            type @type
            latitude schema|latitude
            longitude schema|longitude
        }
        IdentifierEntry ob|IdentifierEntry {
            @protected
            id @id
            type @type
            identifier ob|identifier
            identifierType ob|identifierType
        }
        IdentityObject ob|IdentityObject {
            @protected
            id @id
            type @type
            hashed ob|hashed type=xsds|boolean
            identityHash ob|identityHash
            identityType ob|identityType
            salt ob|salt
        }
        Image ob|Image {
            @protected
            id @id
            type @type
            caption schema|caption
        }
        Profile ob|Profile {
            @protected
            id @id
            type @type
            additionalName schema|additionalName
            address ob|address type=@id
            dateOfBirth ob|dateOfBirth type=xsds|date
            email schema|email
            familyName schema|familyName
            familyNamePrefix ob|familyNamePrefix
            givenName schema|givenName
            honorificPrefix schema|honorificPrefix
            honorificSuffix schema|honorificSuffix
            image ob|image type=@id
            otherIdentifier ob|otherIdentifier container=@set
            parentOrg ob|parentOrg type=@id
            patronymicName ob|patronymicName
            phone ob|phone
            official ob|official
        }
        Related ob|Related {
            @protected
            id @id
            type @type
            version ob|version
            inLanguage schema|inLanguage
        }
        Result ob|Result {
            @protected
            id @id
            type @type
            achievedLevel ob|achievedLevel type=xsds|anyURI
            resultDescription ob|resultDescription type=xsds|anyURI
            status ob|status
            value schema|value
        }
        ResultDescription ob|ResultDescription {
            @protected
            id @id
            type @type
            allowedValue ob|allowedValue container=@list
            requiredLevel ob|requiredLevel type=xsds|anyURI
            requiredValue ob|requiredValue
            resultType ob|resultType
            rubricCriterionLevel ob|rubricCriterionLevel container=@set
            valueMax ob|valueMax
            valueMin ob|valueMin
        }
        RubricCriterionLevel ob|RubricCriterionLevel {
            @protected
            id @id
            type @type
            level ob|level
            points ob|points
        }
        alignment ob|alignment container=@set
        description schema|description
        endorsement ob|endorsement container=@set
        image ob|image type=@id
        inLanguage schema|inLanguage
        name schema|name
        narrative ob|narrative
        url schema|url type=xsds|anyURI
        awardedDate ob|awardedDate type=xsd:dateTime
        """#)
}
