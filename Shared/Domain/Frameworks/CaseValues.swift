import Foundation

package struct CaseDocument: Sendable, Hashable {
    package var identifier: UUID
    package var uri: String
    package var title: String
    package var creator: String
    package var lastChange: CaseTime
    /// Where the package itself can be fetched; some publishers give it an id of its own.
    package var packageURI: CaseLink?
    package var frameworkType: String?
    package var caseVersion: String?
    package var officialSourceURL: String?
    package var publisher: String?
    package var description: String?
    package var subjects: [String] = []
    package var subjectURIs: [CaseLink] = []
    /// BCP 47.
    package var language: String?
    package var version: String?
    /// `Draft`, `Private Draft`, `Adopted`, `Deprecated`; others occur.
    package var adoptionStatus: String?
    package var statusStart: CalendarDate?
    package var statusEnd: CalendarDate?
    package var license: CaseLink?
    package var notes: String?
    package var extra: JSONObject = [:]

    package init(identifier: UUID, uri: String, title: String, creator: String, lastChange: CaseTime) {
        self.identifier = identifier
        self.uri = uri
        self.title = title
        self.creator = creator
        self.lastChange = lastChange
    }
}

package struct CaseItem: Sendable, Hashable {
    package var identifier: UUID
    package var uri: String
    /// Markdown and LaTeX; never blank.
    package var fullStatement: String
    package var lastChange: CaseTime
    package var alternativeLabel: String?
    package var itemType: String?
    package var itemTypeURI: CaseLink?
    /// The code people use: `SC.K.L.14`.
    package var humanCodingScheme: String?
    package var listEnumeration: String?
    package var abbreviatedStatement: String?
    package var conceptKeywords: [String] = []
    package var conceptKeywordsURI: CaseLink?
    package var notes: String?
    package var subjects: [String] = []
    package var subjectURIs: [CaseLink] = []
    package var language: String?
    /// CEDS codes: `KG`, `01` … `12` and others.
    package var educationLevels: [String] = []
    package var license: CaseLink?
    package var statusStart: CalendarDate?
    package var statusEnd: CalendarDate?
    /// CASE 1.0 only.
    package var documentURI: CaseLink?
    package var extra: JSONObject = [:]

    package init(identifier: UUID, uri: String, fullStatement: String, lastChange: CaseTime) {
        self.identifier = identifier
        self.uri = uri
        self.fullStatement = fullStatement
        self.lastChange = lastChange
    }
}

/// `origin` *is the type of* `destination`: the origin is the child, the origin precedes, the origin is replaced.
package struct CaseAssociation: Sendable, Hashable {
    package var identifier: UUID
    package var uri: String
    package var type: CaseAssociationType
    package var origin: CaseLink
    package var destination: CaseLink
    package var lastChange: CaseTime
    package var sequenceNumber: Int64?
    /// One end at least is no item of this package and not its document.
    package var isExternal: Bool
    package var grouping: CaseLink?
    package var notes: String?
    /// CASE 1.0 only.
    package var documentURI: CaseLink?
    package var extra: JSONObject = [:]

    package init(
        identifier: UUID, uri: String, type: CaseAssociationType, origin: CaseLink, destination: CaseLink,
        lastChange: CaseTime, sequenceNumber: Int64? = nil, isExternal: Bool = false
    ) {
        self.identifier = identifier
        self.uri = uri
        self.type = type
        self.origin = origin
        self.destination = destination
        self.lastChange = lastChange
        self.sequenceNumber = sequenceNumber
        self.isExternal = isExternal
    }
}

/// The ten of CASE 1.1, or `ext:` and a name.
package struct CaseAssociationType: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }

    package static let isChildOf = Self(rawValue: "isChildOf")
    package static let isPeerOf = Self(rawValue: "isPeerOf")
    package static let isPartOf = Self(rawValue: "isPartOf")
    package static let exactMatchOf = Self(rawValue: "exactMatchOf")
    package static let precedes = Self(rawValue: "precedes")
    package static let isRelatedTo = Self(rawValue: "isRelatedTo")
    package static let replacedBy = Self(rawValue: "replacedBy")
    package static let exemplar = Self(rawValue: "exemplar")
    package static let hasSkillLevel = Self(rawValue: "hasSkillLevel")
    package static let isTranslationOf = Self(rawValue: "isTranslationOf")

    static let standard: [Self] = [
        isChildOf, isPeerOf, isPartOf, exactMatchOf, precedes, isRelatedTo, replacedBy, exemplar, hasSkillLevel,
        isTranslationOf,
    ]
}

/// A `LinkURI` or `LinkGenURI`.
package struct CaseLink: Sendable, Hashable {
    package let title: String
    /// A UUID for CASE objects; for other targets anything.
    package let identifier: String
    /// The identifier as a UUID, if it is one in some spelling.
    package let uuid: UUID?
    package let uri: String
    /// `CASE` or `ext:` and a name.
    package let targetType: String?
    package let extra: JSONObject

    package init(title: String, identifier: String, uri: String, targetType: String? = nil, extra: JSONObject = [:]) {
        self.title = title
        self.identifier = identifier
        uuid = UUID(caseText: identifier)
        self.uri = uri
        self.targetType = targetType
        self.extra = extra
    }
}

/// A date-time as the publisher wrote it, offset included.
package struct CaseTime: Sendable, Hashable {
    package let text: String
    package let time: Timestamp

    package init(_ time: Timestamp) {
        self.time = time
        text = time.description
    }

    package init?(_ text: String) {
        guard let time = Timestamp(text) else { return nil }
        self.text = text
        self.time = time
    }
}

package struct CaseRubric: Sendable, Hashable {
    package var identifier: UUID
    package var uri: String
    package var lastChange: CaseTime
    package var title: String?
    package var description: String?
    package var criteria: [CaseCriterion] = []
    package var extra: JSONObject = [:]

    package init(identifier: UUID, uri: String, lastChange: CaseTime) {
        self.identifier = identifier
        self.uri = uri
        self.lastChange = lastChange
    }
}

package struct CaseCriterion: Sendable, Hashable {
    package var identifier: UUID
    package var uri: String
    package var lastChange: CaseTime
    package var category: String?
    package var description: String?
    /// The item this criterion judges.
    package var item: CaseLink?
    package var weight: JSONNumber?
    package var position: Int64?
    package var rubricID: UUID?
    package var levels: [CaseLevel] = []
    package var extra: JSONObject = [:]

    package init(identifier: UUID, uri: String, lastChange: CaseTime) {
        self.identifier = identifier
        self.uri = uri
        self.lastChange = lastChange
    }
}

package struct CaseLevel: Sendable, Hashable {
    package var identifier: UUID
    package var uri: String
    package var lastChange: CaseTime
    package var description: String?
    /// The level's name: `Proficient`.
    package var quality: String?
    package var score: JSONNumber?
    package var feedback: String?
    package var position: Int64?
    package var criterionID: UUID?
    package var extra: JSONObject = [:]

    package init(identifier: UUID, uri: String, lastChange: CaseTime) {
        self.identifier = identifier
        self.uri = uri
        self.lastChange = lastChange
    }
}
