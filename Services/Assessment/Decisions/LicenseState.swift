import Domain
import EventLog

/// What one assessor may judge, and from when until when.
struct LicenseState: Aggregate {
    typealias Entity = License
    static let kind = "license"
    static let targetsMax = 1000
    /// Of all targets together, so that the license still fits into one reply.
    static let scopeBytesMax = 256 * 1024

    var id: EntityID<License>
    var assessor: EntityID<Assessor>
    var issuer: EntityID<Organization>
    var scope: LicenseScope
    /// The first day.
    var from: CalendarDate
    /// The last day.
    var until: CalendarDate
    /// The first day on which it no longer holds, whatever its term says.
    var revokedFrom: CalendarDate?

    init?(_ event: any Event) {
        guard let event = event as? LicenseGranted else { return nil }
        id = event.license
        assessor = event.assessor
        issuer = event.issuer
        scope = event.scope
        from = event.from
        until = event.until
    }

    mutating func evolve(_ event: any Event) {
        if let event = event as? LicenseRevoked { revokedFrom = event.effectiveFrom }
    }
}

/// Why a license does not carry a judgment (invariant 5).
enum LicenseRule: String, CaseIterable, Sendable {
    case assessor = "license.assessor"
    case conflict = "license.conflict"
    case term = "license.term"
    case revoked = "license.revoked"
    case scope = "license.scope"
    case level = "license.level"
    case setting = "license.setting"

    var message: String {
        switch self {
        case .assessor: "This license is not the one of the assessor whom the assessment names."
        case .conflict: "Nobody judges their own learning, or their child's."
        case .term: "The license does not hold both on the day of the judgment and today."
        case .revoked: "The license is revoked."
        case .scope: "The license does not cover all framework items of the rubric."
        case .level: "A level is higher than the license allows to give."
        case .setting: "The license does not cover the setting of the assessment."
        }
    }

    var refusal: Fault { .refused(rawValue, message, at: "/license") }
}

extension LicenseState {
    /// The first rule that forbids a judgment of this assessment; nil when the license carries it.
    /// - Parameters:
    ///   - byFamily: whether who judges is the learner or a guardian.
    ///   - day: when it was judged. The license must hold on that day and when it is recorded, or who lost it would go on
    ///     judging by earlier dates.
    func ruleForbidding(
        _ assessment: AssessmentState, by rubric: RubricVersion, levels: [Double], byFamily: Bool, on day: CalendarDate,
        recordedOn today: CalendarDate
    ) -> LicenseRule? {
        if assessor != assessment.assessor { return .assessor }
        if byFamily { return .conflict }
        if day < from || today > until { return .term }
        if let revokedFrom, revokedFrom <= today { return .revoked }
        if !Set(rubric.criteria.map(\.target)).isSubset(of: scope.targets) { return .scope }
        if let levelMax = scope.levelMax, levels.contains(where: { $0 > levelMax }) { return .level }
        if let settings = scope.settings, !settings.contains(assessment.setting) { return .setting }
        return nil
    }
}

extension GrantLicense {
    func read() throws(Fault) -> GrantLicense {
        guard from <= until else {
            throw .invalid("/until", "term.order", "A license cannot end before it begins.")
        }
        var command = self
        command.scope = try scope.read(at: "/scope")
        return command
    }
}

extension LicenseScope {
    fileprivate func read(at pointer: String) throws(Fault) -> LicenseScope {
        guard (1...LicenseState.targetsMax).contains(targets.count) else {
            throw .invalid(
                "\(pointer)/targets", "targets.count", "Give 1 to \(LicenseState.targetsMax) framework items.")
        }
        var seen: Set<String> = []
        for (index, target) in targets.enumerated() {
            guard seen.insert(try readIRI(target, at: "\(pointer)/targets/\(index)")).inserted else {
                throw .invalid("\(pointer)/targets/\(index)", "target.duplicate", "This framework item is given twice.")
            }
        }
        guard targets.reduce(0, { $0 + $1.utf8.count }) <= LicenseState.scopeBytesMax else {
            throw .invalid("\(pointer)/targets", "scope.size", "A scope has at most 256 KiB; grant several licenses.")
        }
        if let levelMax { _ = try readLevel(levelMax, at: "\(pointer)/levelMax") }
        if let settings, settings.isEmpty || Set(settings).count != settings.count {
            throw .invalid("\(pointer)/settings", "settings", "Give each setting once, or leave the list out for all.")
        }
        return self
    }
}

func decide(_ command: GrantLicense, as id: EntityID<License>) -> Decision<GrantLicense.Reply> {
    Decision(
        [LicenseGranted(
            license: id, assessor: command.assessor, issuer: command.issuer, scope: command.scope, from: command.from,
            until: command.until)],
        reply: GrantLicense.Reply(license: id))
}

/// A revocation may be brought forward, never put off.
func decide(_ license: LicenseState, _ command: RevokeLicense) throws(Fault) -> Decision<Done> {
    if let from = license.revokedFrom, from <= command.effectiveFrom {
        throw .conflict("license.revoked", "This license is revoked already, from \(from).")
    }
    return Decision([LicenseRevoked(
        license: license.id, effectiveFrom: command.effectiveFrom,
        reason: try readText(command.reason, at: "/reason", limit: 1000, lines: true))])
}
