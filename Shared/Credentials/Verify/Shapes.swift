/// What the classes of Open Badges 3.0 and CLR 2.0 look like, as data: the published models said in our own table.
///
/// A class begins at the margin; `closed` allows no other members. A member line is its name, `!` when required, `*` when
/// several are allowed (one alone is accepted without an array, as compaction writes it), and its kind: `text` (a string or
/// a map from languages to strings), `uri`, `time`, `date`, `number`, `flag`, a vocabulary, or a class. A class's `type`
/// must contain its name, except where there is no `type` member.
enum Shapes {
    struct Member: Sendable {
        var name: String
        var isRequired: Bool
        var isMany: Bool
        var kind: Kind
    }

    enum Kind: Sendable {
        case text, uri, time, date, number, flag, any
        case word(of: Set<String>, extensible: Bool)
        case object(String)
        case uriOrObject(String)
    }

    struct Shape: Sendable {
        var isClosed: Bool
        /// By name.
        var members: [String: Member] = [:]
        /// In the order of the table.
        var required: [String] = []
        var hasType: Bool { members["type"] != nil }

        mutating func add(_ member: Member) {
            members[member.name] = member
            if member.isRequired { required.append(member.name) }
        }
    }

    static let all: [String: Shape] = {
        var shapes: [String: Shape] = [:]
        var current = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if !line.hasPrefix(" ") {
                current = String(words[0])
                shapes[current] = Shape(isClosed: words.count > 1)
            } else {
                for pair in line.split(separator: ",") { shapes[current]?.add(member(pair)) }
            }
        }
        return shapes
    }()

    private static func member(_ text: Substring) -> Member {
        let words = text.split(separator: " ")
        let name = words[0].filter { $0 != "!" && $0 != "*" }
        let kind: Kind = switch words[1] {
        case "text": .text
        case "uri": .uri
        case "time": .time
        case "date": .date
        case "number": .number
        case "flag": .flag
        case "any": .any
        case let word where word.hasPrefix("?"): .uriOrObject(String(word.dropFirst()))
        case let word where Vocabulary.all[String(word)] != nil:
            .word(of: Vocabulary.all[String(word)] ?? [], extensible: !Vocabulary.closed.contains(String(word)))
        default: .object(String(words[1]))
        }
        return Member(name: name, isRequired: words[0].contains("!"), isMany: words[0].contains("*"), kind: kind)
    }

    /// Members every credential may have; the dates are looked at elsewhere, since the data models name them differently.
    private static let credential = """
         type!* uri, description text, endorsement* EndorsementCredential, endorsementJwt* uri, issuer! ?Profile
         awardedDate time, image Image, evidence* Evidence, credentialSchema* Service, refreshService* Service
         credentialStatus* Status, termsOfUse* Typed
        """

    private static let text = """
        AchievementCredential
         id! uri, name text, credentialSubject! AchievementSubject
        \(credential)
        EndorsementCredential
         id! uri, name! text, credentialSubject! EndorsementSubject
        \(credential)
        ClrCredential
         id! uri, name! text, partial flag, credentialSubject! ClrSubject
        \(credential)
        VerifiableCredential
         id uri, name text, credentialSubject!* any
        \(credential)
        AchievementSubject
         id uri, type!* uri, activityEndDate time, activityStartDate time, creditsEarned number, achievement! Achievement
         identifier* IdentityObject, image Image, licenseNumber text, narrative text, result* Result, role text, source Profile
         term text
        ClrSubject
         id uri, type!* uri, identifier* IdentityObject, achievement* Achievement, verifiableCredential!* VerifiableCredential
         association* Association
        EndorsementSubject
         id! uri, type!* uri, endorsementComment text
        Achievement
         id! uri, type!* uri, alignment* Alignment, achievementType achievementType, creator Profile, creditsAvailable number
         criteria! Criteria, description! text, endorsement* EndorsementCredential, endorsementJwt* uri, fieldOfStudy text
         humanCode text, image Image, inLanguage text, name! text, otherIdentifier* IdentifierEntry, related* Related
         resultDescription* ResultDescription, specialization text, tag* text, version text
        Criteria
         id uri, narrative text
        Alignment
         type!* uri, targetCode text, targetDescription text, targetName! text, targetFramework text, targetType targetType
         targetUrl! uri
        ResultDescription
         id! uri, type!* uri, alignment* Alignment, allowedValue* text, name! text, requiredLevel uri, requiredValue text
         resultType! resultType, rubricCriterionLevel* RubricCriterionLevel, valueMax text, valueMin text
        RubricCriterionLevel
         id! uri, type!* uri, alignment* Alignment, description text, level text, name! text, points text
        Result
         type!* uri, achievedLevel uri, alignment* Alignment, resultDescription uri, status status, value text
        Evidence
         id uri, type!* uri, narrative text, name text, description text, genre text, audience text
        Related
         id! uri, type!* uri, inLanguage text, version text
        Profile
         id! uri, type!* uri, name text, url uri, phone text, description text, endorsement* EndorsementCredential
         endorsementJwt* uri, image Image, email text, address Address, otherIdentifier* IdentifierEntry, official text
         parentOrg Profile, familyName text, givenName text, additionalName text, patronymicName text, honorificPrefix text
         honorificSuffix text, familyNamePrefix text, dateOfBirth date
        Address
         type!* uri, addressCountry text, addressCountryCode text, addressRegion text, addressLocality text, streetAddress text
         postOfficeBoxNumber text, postalCode text, geo GeoCoordinates
        GeoCoordinates
         type!* uri, latitude! number, longitude! number
        Image closed
         id! uri, type!* uri, caption text
        IdentityObject closed
         type!* uri, hashed! flag, identityHash! text, identityType! identifierType, salt text
        IdentifierEntry closed
         type!* uri, identifier! text, identifierType! identifierType
        Association closed
         type!* uri, associationType! associationType, sourceId! uri, targetId! uri
        Service
         id! uri, type!* uri
        Status
         id uri, type!* uri
        Typed
         type!* uri
        """

    /// Classes whose `type` names something other than the class.
    static let free: Set<String> = ["Service", "Status", "Typed", "VerifiableCredential"]
}

/// The published word lists. All but the closed ones take `ext:` and a name of one's own.
enum Vocabulary {
    static let closed: Set<String> = ["status", "associationType"]

    static let all: [String: Set<String>] = [
        "achievementType": [
            "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
            "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency",
            "Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment",
            "JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate",
            "QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate",
            "SecondarySchoolDiploma",
        ],
        "resultType": [
            "GradePointAverage", "LetterGrade", "Percent", "PerformanceLevel", "PredictedScore", "RawScore", "Result",
            "RubricCriterion", "RubricCriterionLevel", "RubricScore", "ScaledScore", "Status",
        ],
        "status": Set(AchievementResult.Status.allCases.map(\.rawValue)),
        "targetType": ["ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel", "CTDL"],
        "associationType": Set(ClrAssociation.Kind.allCases.map(\.rawValue)),
        "identifierType": [
            "name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress", "nationalIdentityNumber",
            "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "ltiContextId", "ltiDeploymentId",
            "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier",
        ],
    ]
}
