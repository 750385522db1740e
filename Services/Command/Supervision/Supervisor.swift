import Domain
import Foundation

/// Keeps the planned processes running until it is told to stop: starts each again after a pause that doubles from
/// 100 ms to 10 s, but for one that ended with status 78, whose settings somebody has to correct first.
actor Supervisor {
    /// glibc gives each thread that meets another one in malloc a heap of its own, up to eight for each processor: two to
    /// three MB of an idle service that threads seldom miss.
    private static let defaults = ["MALLOC_ARENA_MAX": "2"]
    static let pauseMin = Duration.milliseconds(100)
    static let pauseMax = Duration.seconds(10)
    /// How long a process has to run for its pause to begin anew.
    static let provenAfter = Duration.seconds(30)
    static let stopLimit = Duration.seconds(25)
    static let refusedStatus: Int32 = 78
    /// Logs larger than this are put aside at a start; one older log is kept.
    static let logBytesMax = 8 << 20

    private let deployment: Deployment
    private let plan: [PlannedProcess]
    private var entries: [ProcessTable.Entry]
    private var children: [Int: ChildProcess] = [:]
    private var keepers: [Task<Void, Never>] = []
    private var isStopping = false
    private var isCut = false

    init(_ deployment: Deployment, _ plan: [PlannedProcess]) {
        self.deployment = deployment
        self.plan = plan
        entries = plan.map {
            ProcessTable.Entry(
                name: $0.name, service: $0.service, listen: "\($0.listen)", ops: "\($0.ops)", pid: 0, state: .starting,
                since: .now, restarts: 0)
        }
    }

    func start() {
        for place in plan.indices { keepers.append(Task { await keep(place) }) }
    }

    /// Every process ready; false when one is refused or `limit` passes first.
    func becameReady(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end, !isStopping {
            if entries.allSatisfy({ $0.state == .ready }) { return true }
            if entries.contains(where: { $0.state == .refused }) { return false }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// The gateway first, so that nothing new comes in while the services finish. - Returns: whether all stopped by
    /// themselves.
    func stop() async -> Bool {
        isStopping = true
        var isClean = true
        for group in [["gateway"], Deployment.services] {
            let running = plan.indices.filter { group.contains(plan[$0].service) }.compactMap { children[$0] }
            isClean = await withTaskGroup(of: Bool.self) { tasks in
                for child in running { tasks.addTask { await child.stop(within: Self.stopLimit) } }
                return await tasks.reduce(isClean) { $0 && $1 }
            }
        }
        for keeper in keepers {
            keeper.cancel()
            await keeper.value
        }
        return isClean && !isCut
    }

    /// No more patience.
    func cutShort() {
        isCut = true
        for child in children.values { child.signal(SIGKILL) }
    }

    private func keep(_ place: Int) async {
        let process = plan[place]
        var pause = Self.pauseMin
        while !isStopping {
            let began = ContinuousClock.now
            let status: Int32
            do {
                putLogAside(process.name)
                let environment = Self.defaults.merging(ProcessInfo.processInfo.environment) { _, set in set }
                    .merging(process.environment) { _, new in new }
                let child = try ChildProcess.spawn(
                    Deployment.program(of: process.service), ["serve"], environment: environment,
                    log: deployment.logFile(process.name))
                children[place] = child
                note(place, .starting, pid: child.pid)
                let watch = Task { await awaitReady(place, child, since: began) }
                status = await child.exit()
                watch.cancel()
                children[place] = nil
            } catch {
                Terminal.remark("\(process.name): \(error)")
                status = 127
            }
            if isStopping { break }
            if status == Self.refusedStatus {
                note(place, .refused, pid: 0)
                Terminal.remark("\(process.name) does not accept its settings and stays down: \(lastWords(process.name))")
                return
            }
            if began.duration(to: .now) > Self.provenAfter { pause = Self.pauseMin }
            note(place, .waiting, pid: 0)
            Terminal.remark("\(process.name) ended with status \(status); starting it again in \(pause.spoken). "
                + lastWords(process.name))
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.pauseMax)
            entries[place].restarts += 1
        }
        note(place, .stopped, pid: 0)
    }

    private func awaitReady(_ place: Int, _ child: ChildProcess, since began: ContinuousClock.Instant) async {
        while !Task.isCancelled, child.isRunning {
            if await OpsProbe.isReady(plan[place].ops) {
                guard !Task.isCancelled, children[place] === child else { return }
                note(place, .ready, pid: child.pid)
                Terminal.say("  \(Table.pad(plan[place].name, 18)) ready  \(Table.pad("pid \(child.pid)", 12)) "
                    + "\(plan[place].listen)  \(began.duration(to: .now).spoken)")
                return
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func note(_ place: Int, _ state: ProcessTable.Entry.State, pid: Int32) {
        entries[place].state = state
        entries[place].pid = pid
        entries[place].since = .now
        do { try ProcessTable(supervisor: getpid(), processes: entries).write(deployment) } catch {
            Terminal.remark("\(error)")
        }
    }

    private func putLogAside(_ name: String) {
        let path = deployment.logFile(name)
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
        if size > Self.logBytesMax { rename(path, "\(path).1") }
    }

    /// The end of its log, which says why it ended, and where the rest is.
    private func lastWords(_ name: String) -> String {
        let path = deployment.logFile(name)
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else { return "" }
        try? file.seek(toOffset: end > 4096 ? end - 4096 : 0)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).last.map { Terminal.printable($0, limit: 400) } ?? ""
        return "\(line)\n    log: \(path)"
    }
}
