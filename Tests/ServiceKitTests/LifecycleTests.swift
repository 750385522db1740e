import Glibc
import Logging
import Messaging
@testable import ServiceKit
import ServiceLifecycle
import Synchronization
import Testing

private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

private struct Broken: Error, CustomStringConvertible {
    let description = "broken"
}

/// Runs until told to stop; notes that.
private struct Loop: Service {
    let name: String
    let journal: Journal

    func run() async throws {
        try await gracefulShutdown()
        journal.note(name)
    }
}

/// Runs `runner` inside a group of its own, asks it to stop once it serves, and returns the error it ended with.
private func runAndStop(_ runner: ServiceRunner, _ health: HealthState, stop: Bool = true) async -> (any Error)? {
    struct Inner: Service {
        let runner: ServiceRunner
        let result: Result
        final class Result: Sendable {
            let error = Mutex<(any Error)?>(nil)
        }

        func run() async throws {
            do { try await runner.run(handlingSignals: false) } catch { result.error.withLock { $0 = error } }
        }
    }
    let inner = Inner(runner: runner, result: .init())
    let group = ServiceGroup(configuration: .init(
        services: [.init(service: inner, successTerminationBehavior: .gracefullyShutdownGroup)], logger: silent))
    await withTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try? await group.run() }
        if stop {
            while health.phase == .starting { await Task.yield() }
            await group.triggerGracefulShutdown()
        }
    }
    return inner.result.error.withLock { $0 }
}

@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
    @Test func `the shutdown goes readiness, drain, loops, close, ops`() async {
        let journal = Journal(), health = HealthState()
        var runner = ServiceRunner(health: health, ops: Loop(name: "ops", journal: journal), logger: silent)
        runner.add("sequencer", Loop(name: "sequencer", journal: journal))
        runner.add("reactions", Loop(name: "reactions", journal: journal))
        runner.add("ticker") {
            defer { journal.note("ticker") }
            try await Task.sleep(for: .seconds(600))
        }
        runner.drain.add("messaging") {
            let ready = await health.ready().isHealthy
            journal.note("messaging, ready \(ready)")
        }
        runner.drain.add("in flight") { journal.note("in flight") }
        runner.close.add("storage") { journal.note("storage") }
        let error = await runAndStop(runner, health)
        #expect(error == nil)
        #expect(journal.all == [
            "messaging, ready false", "in flight", "ticker", "reactions", "sequencer", "storage", "ops",
        ])
    }

    @Test func `steps that fail or hang do not keep the next from its turn`() async {
        let gate = Gate()
        var drain = DrainSequence()
        drain.add("fails") { throw Broken() }
        drain.add("hangs", timeout: .milliseconds(20)) { await gate.opened() }
        drain.add("works") {}
        let outcomes = await drain.run(logger: silent).map { "\($0.name) \($0.outcome.rawValue)" }
        gate.open()
        #expect(outcomes == ["fails failed", "hangs timed out", "works done"])
    }

    @Test func `a loop that fails drains the others and is reported`() async {
        let journal = Journal(), health = HealthState()
        var runner = ServiceRunner(health: health, ops: Loop(name: "ops", journal: journal), logger: silent)
        runner.add("reactions", Loop(name: "reactions", journal: journal))
        runner.add("sender") {
            while health.phase == .starting { await Task.yield() }
            throw Broken()
        }
        runner.drain.add("messaging") { journal.note("messaging") }
        runner.close.add("storage") { journal.note("storage") }
        let error = await runAndStop(runner, health, stop: false)
        #expect(error is Broken)
        #expect(journal.all == ["messaging", "reactions", "storage", "ops"])
    }

    @Test func `a loop that just ends is an error`() async {
        let health = HealthState()
        var runner = ServiceRunner(health: health, ops: nil, logger: silent)
        runner.add("sender") { while health.phase == .starting { await Task.yield() } }
        let error = await runAndStop(runner, health, stop: false)
        #expect(error as? LoopEnded == LoopEnded(name: "sender"))
    }

    @Test func `a loop that ends early during the drain does not cancel the others`() async {
        let journal = Journal(), health = HealthState(), drained = Gate()
        var runner = ServiceRunner(health: health, ops: nil, logger: silent)
        runner.add("early") { await drained.opened() }
        runner.add("late", Loop(name: "late", journal: journal))
        runner.drain.add("messaging") {
            drained.open()
            for _ in 0..<1000 { await Task.yield() }
        }
        runner.close.add("storage") { journal.note("storage") }
        let error = await runAndStop(runner, health)
        #expect(error == nil && journal.all == ["late", "storage"])
    }

    @Test func `a shutdown that takes too long is cut short and says so`() async {
        let health = HealthState(), gate = Gate()
        var runner = ServiceRunner(health: health, ops: nil, logger: silent, limit: .milliseconds(50))
        runner.drain.add("hangs", timeout: .seconds(60)) { await gate.opened() }
        let error = await runAndStop(runner, health)
        gate.open()
        #expect(error is ShutdownCutShort)
    }

    @Test func `bounded work ends in the first of four ways`() async {
        let gate = Gate()
        defer { gate.open() }
        func name<Value>(_ end: Bounded<Value>) -> String {
            switch end {
            case .finished(let value): "finished \(value)"
            case .threw(let error): "threw \(error)"
            case .timedOut: "timed out"
            case .cancelled: "cancelled"
            }
        }
        let cancelled = Task { name(await bounded(by: .seconds(60)) { await gate.opened() }) }
        cancelled.cancel()
        let ends = [
            name(await bounded(by: .seconds(60)) { 7 }),
            name(await bounded(by: .seconds(60)) { () async throws -> Int in throw Broken() }),
            name(await bounded(by: .milliseconds(5)) { await gate.opened() }),
            await cancelled.value,
        ]
        #expect(ends == ["finished 7", "threw broken", "timed out", "cancelled"])
    }

    @Test func `a disarmed watchdog stays silent, an armed one ends the process`() async {
        let barked = Journal(), gate = Gate()
        let calm = Watchdog { barked.note("calm") }
        calm.arm(after: .milliseconds(1))
        calm.disarm()
        Watchdog {
            barked.note("armed")
            gate.open()
        }.arm(after: .milliseconds(30))
        await gate.opened()
        #expect(barked.all == ["armed"])
    }
}

@Suite struct ExitPathTests {
    @Test func `a configuration error ends the process with 78 and one line`() async throws {
        let result = try await #require(processExitsWith: .exitCode(78), observing: [\.standardErrorContent]) {
            await ExitPath.guarding("cairn-records") {
                _ = try Settings(environment: [:]).string(
                    .text("records.database.url", purpose: "where records keeps its data", example: "postgresql:///x"))
            }
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self) == """
            cairn-records: CAIRN_RECORDS_DATABASE_URL is not set. It is where records keeps its data. \
            Example: CAIRN_RECORDS_DATABASE_URL=postgresql:///x

            """)
    }

    @Test func `what a file lacks that a setting names is for who wrote the settings`() {
        let errors: [any Error] = [
            SetupError.keyFile("/x: no such file"), SetupError.allowList("/x:3"), SetupError.transport("a socket"),
        ]
        #expect(errors.map(ExitPath.status) == [78, 78, 1])
        do {
            _ = try ClientDirectory(path: "/nowhere/clients.json", logger: silent)
            Issue.record("it was read")
        } catch {
            #expect(ExitPath.status(error) == 78)
        }
    }

    @Test func `another error ends the process with 1 and one line`() async throws {
        let result = try await #require(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            struct Odd: Error, CustomStringConvertible {
                let description = "first\nsecond\u{1B}[31m"
            }
            await ExitPath.guarding("cairn-records") { throw Odd() }
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self) == "cairn-records: first second[31m\n")
    }

    @Test func `a stuck process ends with 70 although its threads are all busy`() async throws {
        let result = try await #require(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
            Watchdog().arm(after: .milliseconds(10))
            await withTaskGroup { group in
                for _ in 0..<64 { group.addTask { while true { usleep(100_000) } } }
            }
        }
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).hasPrefix("the shutdown did not end"))
    }

    @Test func `SIGTERM drains and exits with success`() async throws {
        await #expect(processExitsWith: .success) {
            await ExitPath.guarding("cairn-test") {
                let health = HealthState(), done = Journal()
                var runner = ServiceRunner(
                    health: health, ops: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                runner.add("sender") {
                    while health.phase == .starting { await Task.yield() }
                    kill(getpid(), SIGTERM)
                    try await Task.sleep(for: .seconds(600))
                }
                runner.close.add("storage") { done.note("storage") }
                try await runner.run()
                if done.all != ["storage"] { throw Broken() }
            }
        }
    }
}
