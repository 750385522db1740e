import ArgumentParser
import Domain
import Foundation

struct ClientAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a client and print its secret, once.",
        discussion: """
            A role is held over something: an organization, a learner, a body, an assessor, a partner. The operator, the \
            auditor and a verifier have no scope.

              cairn client add operator --role operator --save
              cairn client add lakeside-office \\
                --role registrar:0c000000-0000-4000-8000-000000000006 \\
                --role educator:0c000000-0000-4000-8000-000000000006

            With --save the secret is kept in clients/<id>.secret of the deployment, readable by you alone, so that \
            `cairn token --client <id>` works. The gateway takes a new client within a second.
            """)

    @OptionGroup var options: DeploymentOptions

    @Argument(help: "1 to 100 of A-Z a-z 0-9 . _ -")
    var id: String

    @Option(help: "A role, with its scope after a colon; repeat it for several.")
    var role: [String] = []

    @Option(help: "Who acts, as events and logs name it; client:<id> if not given.")
    var subject: String?

    @Flag(help: "Keep the secret in the deployment's folder too.")
    var save = false

    func run() async throws {
        let deployment = try options.existing()
        let grants = try role.map(Self.grant)
        guard !grants.isEmpty else {
            throw CommandProblem(
                "A client without a role can do nothing.",
                next: "add --role; roles are \(Role.allCases.filter { $0 != .service }.map(\.rawValue).joined(separator: ", "))")
        }
        let secret = try ClientFile(deployment: deployment).add(
            .init(id: id, subject: subject, grants: grants), saving: save)
        Terminal.remark("The secret of \(id), which is shown this once:")
        Terminal.say(secret)
        if save { Terminal.remark("Saved in \(deployment.secretFile(id)). Next: cairn token --client \(id)") }
    }

    /// `registrar:<uuid>`, or a role alone.
    static func grant(_ text: String) throws -> RoleGrant {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let role = Role(rawValue: String(parts[0])), role != .service else {
            throw CommandProblem(
                "\(text): there is no role \(parts[0]).",
                next: "take one of \(Role.allCases.filter { $0 != .service }.map(\.rawValue).joined(separator: ", "))")
        }
        let scope = parts.count > 1 ? UUID(text: String(parts[1])) : nil
        guard (scope != nil) == role.needsScope, parts.count == 1 || scope != nil else {
            throw CommandProblem(
                role.needsScope ? "\(text): \(role.rawValue) is held over something." : "\(text): \(role.rawValue) has no scope.",
                next: role.needsScope ? "write --role \(role.rawValue):<uuid>" : "write --role \(role.rawValue)")
        }
        return RoleGrant(role, over: scope)
    }
}
