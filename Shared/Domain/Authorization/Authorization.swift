import Foundation

/// What a request is about, as the owning service found it after loading: the facts that a role's scope is held against.
package struct ResourceFacts: Sendable, Hashable {
    package var learner: UUID?
    /// Organizations with standing here: the custodian of a record, the recognizing institution.
    package var organizations: Set<UUID> = []
    package var body: UUID?
    package var assessor: UUID?
    package var partner: UUID?
    /// The subject that holds the seat in question.
    package var seatHolder: String?

    package init() {}

    /// Something that belongs to nobody in particular.
    package static let none = ResourceFacts()

    package static func learner(_ id: EntityID<Learner>, custodian: EntityID<Organization>? = nil) -> Self {
        var facts = Self()
        facts.learner = id.uuid
        if let custodian { facts.organizations = [custodian.uuid] }
        return facts
    }

    package static func organization(_ id: EntityID<Organization>) -> Self {
        var facts = Self()
        facts.organizations = [id.uuid]
        return facts
    }

    package static func body(_ id: EntityID<GoverningBody>, seatHolder: String? = nil) -> Self {
        var facts = Self()
        facts.body = id.uuid
        facts.seatHolder = seatHolder
        return facts
    }

    package static func partner(_ id: EntityID<Partner>) -> Self {
        var facts = Self()
        facts.partner = id.uuid
        return facts
    }

    package func assessor(_ id: EntityID<Assessor>?) -> Self {
        var facts = self
        facts.assessor = id?.uuid
        return facts
    }
}

/// How far a role reaches for one request.
package enum Reach: String, Sendable, Hashable, CaseIterable {
    /// Anywhere in the deployment.
    case everywhere
    /// Only where the grant's scope is among the facts that the role is held over.
    case withinScope = "within-scope"
}

/// One cell of the matrix: this role may make this request, this far.
package struct Rule: Sendable, Hashable {
    package let role: Role
    package let reach: Reach

    package init(_ role: Role, _ reach: Reach) {
        self.role = role
        self.reach = reach
    }
}

package enum Verdict: Sendable, Hashable {
    /// The grant that carried it, written into the authority of the events that follow: `registrar/<scope>`.
    case allow(authority: String)
    case deny(Denial)
}

package enum Denial: Sendable, Hashable {
    /// No role of the subject may ever make this request: 403.
    case role
    /// A role may, but not here: to this subject the thing does not exist, 404.
    case scope
}

/// The one authorization function (EDGE): pure, called in the service that owns the data, after loading and before
/// any field is returned.
package func decide(_ subject: Subject, _ request: RequestName, _ facts: ResourceFacts) -> Verdict {
    var denial = Denial.role
    for rule in AuthorizationMatrix.rules(for: request) {
        for grant in subject.grants where grant.role == rule.role {
            if rule.reach == .everywhere || grant.covers(facts, subject: subject) {
                return .allow(authority: grant.authority)
            }
            denial = .scope
        }
    }
    return .deny(denial)
}

extension RoleGrant {
    package var authority: String { scope.map { "\(role.rawValue)/\($0.text)" } ?? role.rawValue }

    fileprivate func covers(_ facts: ResourceFacts, subject: Subject) -> Bool {
        guard let scope else { return false }
        return switch role {
        case .learner, .guardian, .adviser: facts.learner == scope
        case .registrar, .educator, .institution, .provider: facts.organizations.contains(scope)
        case .assessor: facts.assessor == scope
        case .bodyClerk: facts.body == scope
        case .bodyMember: facts.body == scope && facts.seatHolder == subject.id
        case .partner: facts.partner == scope
        case .operator, .auditor, .verifier, .service: false
        }
    }
}
