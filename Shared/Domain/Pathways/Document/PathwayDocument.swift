/// One version of a pathway as it is stored and as it travels: `docs/pathway-files.md` is its reference for people.
///
/// Decoding refuses what can be seen in one place (a wrong type, an unknown member, a condition nested deeper than
/// `Bounds.depth`); everything that needs the whole picture is found by `PathwayCheck` in `PathwayEngine`. A document
/// that was decoded may therefore still be refused, but reading it never overflows the stack.
package struct PathwayDocument: Hashable, Sendable {
    /// The value of the member `format`.
    package static let format = "cairn-pathway/1"

    /// 1...200 code points.
    package var title: String
    /// At most 4000 code points.
    package var description: String?
    /// What it leads to, by the codes of an occupational classification. At most 100.
    package var occupations: [Occupation]
    /// At most 200 code points.
    package var sector: String?
    /// At most `Bounds.components`; their order means nothing.
    package var components: [Component]
    /// Ids of the components that all have to be met for the pathway to be complete.
    package var destinations: [String]
    package var entitlements: [Entitlement]
    package var requires: Requires?
    /// At most `Bounds.progressions`.
    package var progressions: [Progression]
    /// At most `Bounds.crosswalks`.
    package var crosswalks: [Crosswalk]
    /// At most `Bounds.waivers`.
    package var waivers: [Waiver]

    package init(
        title: String, description: String? = nil, occupations: [Occupation] = [], sector: String? = nil,
        components: [Component], destinations: [String], entitlements: [Entitlement] = [], requires: Requires? = nil,
        progressions: [Progression] = [], crosswalks: [Crosswalk] = [], waivers: [Waiver] = []
    ) {
        self.title = title
        self.description = description
        self.occupations = occupations
        self.sector = sector
        self.components = components
        self.destinations = destinations
        self.entitlements = entitlements
        self.requires = requires
        self.progressions = progressions
        self.crosswalks = crosswalks
        self.waivers = waivers
    }

    /// What one document may hold. Larger ones are refused with rule `bounds.…`.
    package enum Bounds {
        package static let components = 10_000
        /// Conditions within a condition, the outermost counted as one. Each is two levels of JSON, of which the
        /// strictest reader of files allows 128.
        package static let depth = 60
        /// Over all conditions of the document; the same bound holds for all `precedes` together.
        package static let operands = 100_000
        package static let entitlements = 1_000
        package static let recognitions = 100
        package static let occupations = 100
        package static let progressions = 100
        /// Of one progression.
        package static let levels = 100
        package static let crosswalks = 10_000
        /// Crosswalks that one attainment may pass through.
        package static let hops = 8
        /// Ways from an attainment to a target that the rules of one document ask for, over all of them.
        package static let ways = 100_000
        package static let waivers = 1_000
        /// Of one constraint.
        package static let caps = 100
        /// Code points.
        package static let title = 200
        /// Code points.
        package static let description = 4_000
        package static let target = 2_000
        package static let id = 64
    }

    package struct Occupation: Hashable, Sendable, Encodable {
        /// 1...64 code points.
        package var code: String
        package var title: String

        package init(code: String, title: String) {
            self.code = code
            self.title = title
        }
    }

    /// One requirement. It is met when its target is held (if it names one) and its condition is satisfied (if it has
    /// one); it must have at least one of the two.
    package struct Component: Hashable, Sendable {
        /// 1...64 of `A-Z a-z 0-9 . _ -`, unique in the document; never changed between versions without need.
        package var id: String
        package var kind: Kind
        package var title: String
        package var description: String?
        /// IRI of what an attainment must be of. An item of a CASE framework is `urn:uuid:` and its identifier in lower
        /// case, or its `uri`; the text is compared as it stands.
        package var target: String?
        /// The lowest level that counts. Absent: any attainment of the target counts, with or without a level.
        package var level: Level?
        /// Those that count; absent: every basis.
        package var bases: [AttainmentBasis]?
        /// How long an attainment counts here; absent: for ever.
        package var currency: Currency?
        package var condition: Condition?
        package var milestone: Milestone?
        /// Ids of components that are better done after this one. Advice, never a lock.
        package var precedes: [String]

        package init(
            id: String, kind: Kind, title: String, description: String? = nil, target: String? = nil,
            level: Level? = nil, bases: [AttainmentBasis]? = nil, currency: Currency? = nil,
            condition: Condition? = nil, milestone: Milestone? = nil, precedes: [String] = []
        ) {
            self.id = id
            self.kind = kind
            self.title = title
            self.description = description
            self.target = target
            self.level = level
            self.bases = bases
            self.currency = currency
            self.condition = condition
            self.milestone = milestone
            self.precedes = precedes
        }

        package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
            case competency, credential, assessment, experience, course, capstone, basic, selection
        }
    }

    /// Marks a component as a point of advancement and an honorable exit.
    package struct Milestone: Hashable, Sendable, Encodable {
        package var title: String
        /// On the state's ladder of qualification levels.
        package var level: Int?

        package init(title: String, level: Int? = nil) {
            self.title = title
            self.level = level
        }
    }

    /// What meeting a component gives a right to.
    package struct Entitlement: Hashable, Sendable, Encodable {
        /// Like a component's id; unique among the entitlements.
        package var id: String
        /// Id of the component.
        package var after: String
        package var kind: Kind
        package var title: String
        /// The organization that owes it.
        package var obligor: EntityID<Organization>
        /// How long it may be claimed, in days, 1...36 500; the end is fixed on the day it accrues.
        package var days: Int
        /// At most 4000 code points.
        package var terms: String?

        package init(
            id: String, after: String, kind: Kind, title: String, obligor: EntityID<Organization>, days: Int,
            terms: String? = nil
        ) {
            self.id = id
            self.after = after
            self.kind = kind
            self.title = title
            self.obligor = obligor
            self.days = days
            self.terms = terms
        }

        /// An open list of snake-case tokens.
        package struct Kind: RawRepresentable, Hashable, Sendable, Codable {
            package let rawValue: String
            package init(rawValue: String) { self.rawValue = rawValue }

            package static let admission = Kind(rawValue: "admission")
            package static let interview = Kind(rawValue: "interview")
            package static let employment = Kind(rawValue: "employment")
            package static let credit = Kind(rawValue: "credit")
            package static let advancement = Kind(rawValue: "advancement")
        }
    }

    /// What has to be in force on the day of certification.
    package struct Requires: Hashable, Sendable, Encodable {
        package var recognitions: [Recognitions]
        package init(recognitions: [Recognitions]) { self.recognitions = recognitions }
    }

    /// At least so many recognitions of one kind, each by another organization.
    package struct Recognitions: Hashable, Sendable, Encodable {
        package var kind: Kind
        /// Those that count; absent: any organization.
        package var organizations: [EntityID<Organization>]?
        package var atLeast: Int

        package init(kind: Kind, organizations: [EntityID<Organization>]? = nil, atLeast: Int) {
            self.kind = kind
            self.organizations = organizations
            self.atLeast = atLeast
        }

        package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
            case admission, employment, credit, support
        }
    }
}
