import ArgumentParser
import Foundation

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring every service's schema up to what this build needs.",
        discussion: """
            Runs `cairn-<service> migrate` for the four services and stops at the first that fails. Forward only, each \
            step in a transaction of its own, safe to repeat, and safe while services run.
            """)

    @OptionGroup var options: DeploymentOptions

    func run() async throws {
        let deployment = try options.existing()
        for service in Deployment.services {
            let program = try Deployment.program(of: service)
            var environment = ProcessInfo.processInfo.environment
            environment["CAIRN_CONFIG_FILE"] = deployment.environmentFile
            let process = try ChildProcess.spawn(program, ["migrate"], environment: environment, ownGroup: false)
            let status = await process.exit()
            guard status == 0 else {
                throw CommandProblem(
                    "The migration of \(service) ended with status \(status); the message is above. Those before it stay "
                        + "applied.",
                    next: "correct the cause and repeat `cairn migrate`")
            }
        }
    }
}
