import ArgumentParser
import Domain
import Foundation
import ServiceKit

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every process, how far each consumer is behind, and what stands still.",
        discussion: """
            Ends with status 1 when a process is down or not ready, so that scripts can ask it.

              cairn status
              cairn status --watch
              cairn status --json

            lag: events that a consumer has not passed yet. pending: committed events without a position. parked: \
            events that a consumer could not digest; an operator retries or skips them. feed: deliveries that \
            webhooks still owe. A dash: nobody can say just now. docs/operators.md says what to do about each.
            """)

    @OptionGroup var options: DeploymentOptions

    @Flag(help: "As JSON, for programs.")
    var json = false

    @Flag(help: "Again every two seconds, until Ctrl-C.")
    var watch = false

    func run() async throws {
        let deployment = try options.existing()
        while true {
            let report = try await StatusReport.make(deployment)
            if json {
                Terminal.say(String(decoding: Wire.encode(report), as: UTF8.self))
            } else {
                if watch, Terminal.outputIsTerminal { Terminal.say("\u{1B}[2J\u{1B}[H") }
                for line in report.lines { Terminal.say(line) }
            }
            guard watch else {
                if !report.isUp { throw ExitCode(1) }
                return
            }
            try await Task.sleep(for: .seconds(2))
        }
    }
}

struct StatusReport: Codable, Sendable {
    struct Process: Codable, Sendable {
        var name: String
        var pid: Int32
        /// `ready`, `not ready`, `no answer`, or why it does not run.
        var state: String
        var since: Timestamp
        var restarts: Int
        var listen: String
        var memoryBytes: Double?
        var parked: Double?
        var pending: Double?
        var problems: [String]
        var isReady: Bool { state == "ready" }
    }

    struct Consumer: Codable, Sendable, Hashable {
        var consumer: String
        var source: String
        /// Nil when nobody knows: its service cannot look.
        var lag: Double?
        /// Since any replica of it last read on; nil when nobody knows. Beyond some seconds it stands still.
        var silentSeconds: Double?
    }

    var isUp: Bool
    var processes: [Process]
    var consumers: [Consumer]
    // Nil, all four, when no process of notifications can look.
    var feedWaiting: Double?
    var feedParked: Double?
    var feedOldestUnsentSeconds: Double?
    var subscriptionsSuspended: Double?
    var at: Timestamp

    static func make(_ deployment: Deployment) async throws -> StatusReport {
        guard let table = try ProcessTable.read(deployment) else {
            throw CommandProblem("Nothing has been started in \(deployment.root) yet.", next: "cairn up")
        }
        let probes = try await concurrently(table.processes) { entry -> OpsProbe? in
            guard ProcessTable.isAlive(entry.pid, service: entry.service), let ops = ListenAddress(entry.ops) else { return nil }
            return await OpsProbe.ask(ops)
        }
        return StatusReport(table, probes)
    }

    /// - Parameter probes: as many as processes, in their order.
    init(_ table: ProcessTable, _ probes: [OpsProbe?], at now: Timestamp = .now) {
        processes = zip(table.processes, probes).map { entry, probe in
            let isAlive = ProcessTable.isAlive(entry.pid, service: entry.service)
            let state = probe.map { $0.isReady ? "ready" : "not ready" }
                ?? (isAlive ? "no answer" : [.starting, .ready].contains(entry.state) ? "down" : Self.words[entry.state] ?? "down")
            return Process(
                name: entry.name, pid: isAlive ? entry.pid : 0, state: state, since: entry.since, restarts: entry.restarts,
                listen: entry.listen, memoryBytes: probe?.value("process_resident_memory_bytes"),
                parked: probe?.value("cairn_parked_events"), pending: probe?.value("cairn_pending_events"),
                problems: probe?.problems ?? [])
        }
        isUp = !processes.isEmpty && processes.allSatisfy(\.isReady)
        // Replicas share their cursors, and the one that looked last knows best; the larger number is the safe one.
        // What a process says that is not ready, without its database perhaps, is what it knew before.
        let told = probes.compactMap { $0 }.flatMap { probe in
            probe.samples.filter { $0.name == "cairn_consumer_lag_events" }.map { sample in
                let silent = probe.samples.first { $0.name == "cairn_consumer_silent_seconds" && $0.labels == sample.labels }
                return Consumer(
                    consumer: sample.labels["consumer"] ?? "", source: sample.labels["source"] ?? "",
                    lag: probe.isReady ? sample.value : nil, silentSeconds: probe.isReady ? silent?.value : nil)
            }
        }
        consumers = Dictionary(grouping: told) { [$0.consumer, $0.source] }.values.map { replicas in
            Consumer(
                consumer: replicas[0].consumer, source: replicas[0].source, lag: replicas.compactMap(\.lag).max(),
                silentSeconds: replicas.compactMap(\.silentSeconds).min())
        }.sorted { ($0.consumer, $0.source) < ($1.consumer, $1.source) }
        func highest(_ name: String) -> Double? {
            probes.compactMap { $0 }.filter(\.isReady).compactMap { $0.value(name) }.max()
        }
        subscriptionsSuspended = highest("cairn_subscriptions_suspended")
        feedWaiting = highest("cairn_feed_waiting")
        feedParked = highest("cairn_feed_parked")
        feedOldestUnsentSeconds = highest("cairn_feed_oldest_unsent_seconds")
        self.at = now
    }

    /// A consumer asks at least once a second; this long without an answer is a standstill.
    private static let silenceMax = 5.0

    private static let words: [ProcessTable.Entry.State: String] = [
        .waiting: "waits to start again", .refused: "settings refused", .stopped: "stopped",
    ]

    var lines: [String] {
        var table = Table([
            ("process", .left), ("state", .left), ("pid", .right), ("since", .right), ("restarts", .right),
            ("memory", .right), ("parked", .right), ("pending", .right), ("address", .left),
        ])
        for process in processes {
            table.add([
                process.name, process.state, process.pid == 0 ? "-" : "\(process.pid)",
                at.duration(since: process.since).spoken, "\(process.restarts)",
                process.memoryBytes.map { String(format: "%.0f MB", $0 / 1_048_576) } ?? "-",
                Self.count(process.parked), Self.count(process.pending), process.listen,
            ])
        }
        var lines = table.lines
        lines[0] = Terminal.styled(lines[0], .dim)
        for (place, process) in processes.enumerated() where !process.isReady {
            lines[place + 1] = Terminal.styled(lines[place + 1], .red)
        }
        for process in processes where !process.problems.isEmpty {
            lines.append("  \(process.name): \(Terminal.printable(process.problems.joined(separator: "; ")))")
        }
        if !consumers.isEmpty {
            var behind = Table([("consumer", .left), ("reads", .left), ("lag", .right), ("read on", .right)])
            for consumer in consumers {
                behind.add([
                    consumer.consumer, consumer.source, Self.count(consumer.lag),
                    consumer.silentSeconds.map { $0 < Self.silenceMax ? "now" : Duration.seconds($0).spoken + " ago" } ?? "-",
                ])
            }
            let rows = behind.lines
            lines += ["", Terminal.styled(rows[0], .dim)]
            lines += zip(rows.dropFirst(), consumers).map { row, consumer in
                consumer.silentSeconds ?? 0 < Self.silenceMax ? row : Terminal.styled(row, .red)
            }
        }
        lines += ["", "feeds: \(Self.count(feedWaiting)) waiting, \(Self.count(feedParked)) parked, oldest unsent "
            + (feedOldestUnsentSeconds.map { Duration.seconds($0).spoken } ?? "-")
            + ", \(Self.count(subscriptionsSuspended)) subscriptions suspended"]
        return lines
    }

    private static func count(_ value: Double?) -> String { value.map { String(format: "%.0f", $0) } ?? "-" }
}
