/// What reading a package gave.
package struct CaseReading: Sendable {
    package let package: CasePackage
    /// What was not CASE 1.1 and could be understood all the same, in the order it was met; at most 1000 of each rule.
    package let repairs: [CaseRepair]
    /// How many repairs each rule has, those past the bound too.
    package let repairCounts: [String: Int]
}

/// One member that was read as something else than it said.
package struct CaseRepair: Sendable, Hashable, Codable {
    /// RFC 6901, into the file as it came.
    package var pointer: String
    /// `case.` and a name in snake case, stable across releases.
    package var rule: String
    package var message: String
}

extension CasePackage {
    /// Reads a CASE 1.1 or 1.0 package, flat or wrapped (`{"CFPackage": …}`), repairing what real publishers send and
    /// refusing what is broken.
    ///
    /// A required member that cannot be understood refuses the package. An optional one is kept as it is, unread, and
    /// reported: one odd date must not keep a state from its framework.
    ///
    /// Repaired, each with a `CaseRepair`: `case.schema_wrapper` (an envelope), `case.no_items`,
    /// `case.root_inferred` (no parent inside the package), `case.document_as_child`, `case.duplicate_item` and
    /// `case.duplicate_association` (the same again), `case.type_member` (`Type` for `CFItemType`), `case.language`
    /// (`eng`, `en_US`), `case.education_level` (`K`, `educationalLevel`, a bare string), `case.list` (one value for a
    /// list, or a list for one), `case.string_number`, `case.number_text` (a number for a text), `case.uri_as_string`,
    /// `case.link_incomplete`, `case.destination_uri` (the document addressed as an item), `case.association_type`,
    /// `case.extensions_array`, `case.trailing_space`, `case.date_time`, `case.date`, `case.identifier_case`,
    /// `case.identifier_form` (`{…}`, `urn:uuid:…`), `case.null`, `case.blank` (`""`, `{}` or `[]` for nothing), `case.sourced_id`,
    /// `case.kept_unread`.
    ///
    /// - Throws: `.invalid` with at most 50 violations: `case.not_a_package`, `member.missing`, `member.type`,
    ///   `member.value`, `case.identifier` (no UUID), `case.duplicate_item`, `case.duplicate_association`,
    ///   `case.association_end`, `case.association_type`, `case.cycle`.
    package static func read(_ json: JSONValue) throws(Fault) -> CaseReading {
        let log = CaseLog()
        let package = CasePackageReader(log: log).read(json)
        guard let package, log.violations.isEmpty else { throw log.fault }
        return CaseReading(package: package, repairs: log.repairs, repairCounts: log.repairCounts)
    }
}

extension CaseRubric {
    /// Reads one rubric that stands alone, by the rules of `CasePackage.read`.
    package static func read(_ json: JSONValue) throws(Fault) -> (rubric: CaseRubric, repairs: [CaseRepair]) {
        let log = CaseLog()
        guard case .object(let object) = json else {
            throw .invalid("", "member.type", "A rubric must be an object, not \(json.kind).")
        }
        let rubric = CasePackageReader(log: log).rubric(CaseMembers(object, at: "", log))
        guard let rubric, log.violations.isEmpty else { throw log.fault }
        return (rubric, log.repairs)
    }
}

extension CasePackage: Codable {
    /// From the JSON of a package, by the rules of `read`.
    package init(from decoder: any Decoder) throws { self = try CasePackage.read(JSONValue(from: decoder)).package }

    package func encode(to encoder: any Encoder) throws { try json().encode(to: encoder) }
}

/// Collects what a reading repairs and refuses; a refusal never stops it, so that a publisher sees all at once.
final class CaseLog {
    private(set) var repairs: [CaseRepair] = []
    private(set) var repairCounts: [String: Int] = [:]
    private(set) var violations: [Fault.Violation] = []
    private var violationCount = 0

    /// Of each rule, so that none hides behind another's thousands.
    private static let repairsMax = 1000
    private static let violationsMax = 50

    func repair(_ pointer: String, _ rule: String, _ message: String) {
        let count = repairCounts[rule, default: 0] + 1
        repairCounts[rule] = count
        if count <= Self.repairsMax { repairs.append(CaseRepair(pointer: pointer, rule: rule, message: message)) }
    }

    func refuse(_ pointer: String, _ rule: String, _ message: String) {
        violationCount += 1
        if violations.count < Self.violationsMax { violations.append(.init(pointer, rule, message)) }
    }

    var fault: Fault {
        let named = violations.count < violationCount ? "the first \(violations.count) of \(violationCount) members to correct are named"
            : "correct the members that are named"
        return Fault(.invalid, "The file is not a CASE package that can be imported; \(named).", violations: violations)
    }
}
