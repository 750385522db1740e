import Foundation

/// Who asks: a person or a program, with the roles it holds. The gateway makes it from a token; a service takes it only
/// from a peer that ZAP attests as a gateway or a service.
package struct Subject: Codable, Sendable, Hashable {
    /// Stable and opaque, like `client:registrar-1`. It is the caller in the scope of an idempotency key, and the
    /// actor of the events that follow.
    package var id: String
    package var grants: [RoleGrant]

    package init(id: String, grants: [RoleGrant]) {
        self.id = id
        self.grants = grants
    }

    /// A process of ours acting for itself.
    package static func service(_ name: String) -> Subject {
        Subject(id: "service:\(name)", grants: [RoleGrant(.service)])
    }
}

/// One role and the thing it is held over: an organization, a learner, a body, an assessor, a partner.
/// The operator, auditor and service roles have no scope.
package struct RoleGrant: Codable, Sendable, Hashable {
    package var role: Role
    package var scope: UUID?

    package init(_ role: Role, over scope: UUID? = nil) {
        self.role = role
        self.scope = scope
    }

    private enum CodingKeys: String, CodingKey { case role, scope }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        role = try container.decode(Role.self, forKey: .role)
        scope = try container.decodeIfPresent(EntityID<Role>.self, forKey: .scope)?.uuid
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(role, forKey: .role)
        try container.encodeIfPresent(scope.map { EntityID<Role>($0) }, forKey: .scope)
    }
}

/// The roles of EDGE, and `service` for our own processes.
package enum Role: String, Codable, Sendable, Hashable, CaseIterable {
    case `operator`, registrar, learner, guardian, educator, adviser, assessor
    case bodyMember = "body-member"
    case bodyClerk = "body-clerk"
    case institution, provider, partner, verifier, auditor, service

    /// Whether a grant of this role means nothing without a scope.
    package var needsScope: Bool {
        switch self {
        case .operator, .auditor, .verifier, .service: false
        default: true
        }
    }
}
