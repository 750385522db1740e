import ArgumentParser
import Foundation

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run every process of the deployment until Ctrl-C.",
        discussion: """
            Starts each process, waits until it is ready, starts it again when it ends by itself, and writes what it \
            said to logs/<process>.log. Ctrl-C (or SIGTERM) stops the gateway first and then the services, each after \
            what it is doing; a second Ctrl-C does not wait.

              cairn up
              cairn up --replicas records=2 --replicas gateway=2

            The second replica of a service listens 100 ports above the first, the third 200, and so on.
            """)

    @OptionGroup var options: DeploymentOptions

    @Option(help: "How many processes of a service, as service=count; repeat it for several.")
    var replicas: [String] = []

    func run() async throws {
        let deployment = try options.existing()
        guard let lock = try FolderLock("\(deployment.root)/run/lock", waiting: false) else {
            throw CommandProblem(
                "cairn up is running for \(deployment.root) already.", next: "cairn status, or stop that one first")
        }
        defer { withExtendedLifetime(lock) {} }
        let plan = try ProcessPlan.make(deployment, replicas: ProcessPlan.replicas(replicas))
        for service in Set(plan.map(\.service)) { _ = try Deployment.program(of: service) }
        let signals = StopSignals.stream()
        try await Self.stopLeftovers(deployment)

        Terminal.say("Starting \(plan.count) processes; logs are in \(deployment.root)/logs.")
        let supervisor = Supervisor(deployment, plan)
        let began = ContinuousClock.now
        await supervisor.start()
        let address = try deployment.apiAddress()
        let greeting = Task {
            guard await supervisor.becameReady(within: .seconds(60)), !Task.isCancelled else {
                if !Task.isCancelled { Terminal.remark("Not everything is ready: `cairn status` says what is missing.") }
                return
            }
            Terminal.say("All ready after \(began.duration(to: .now).spoken). The API is at \(address), "
                + "its description at \(address)/docs. Ctrl-C stops everything.")
        }

        var interrupts = 0
        for await number in signals {
            interrupts += number == SIGINT ? 1 : 0
            break
        }
        greeting.cancel()
        Terminal.say("Stopping: the gateway first, then the services.")
        let impatience = Task { [interrupts] in
            var interrupts = interrupts
            for await number in signals {
                interrupts += number == SIGINT ? 1 : 0
                if interrupts == 2 { await supervisor.cutShort() }
            }
        }
        let isClean = await supervisor.stop()
        impatience.cancel()
        Terminal.say(isClean ? "Everything has stopped." : "Everything has stopped, some of it by force.")
        if !isClean { throw ExitCode(1) }
    }

    /// Processes of a `cairn up` that was killed and could not stop them.
    private static func stopLeftovers(_ deployment: Deployment) async throws {
        guard let table = try ProcessTable.read(deployment) else { return }
        let left = table.processes.filter { ProcessTable.isAlive($0.pid, service: $0.service) }
        guard !left.isEmpty else { return }
        Terminal.say("Stopping \(left.map(\.name).joined(separator: ", ")), left over from a run that was killed.")
        for process in left { kill(process.pid, SIGTERM) }
        let end = ContinuousClock.now + Supervisor.stopLimit
        while left.contains(where: { ProcessTable.isAlive($0.pid, service: $0.service) }) {
            if ContinuousClock.now > end {
                for process in left where ProcessTable.isAlive(process.pid, service: process.service) {
                    kill(process.pid, SIGKILL)
                }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
