import ArgumentParser
import Domain
import Foundation
import ServiceKit
import Support
import Testing
@testable import Command

struct AddressTests {
    @Test func `members named by the address leave the body`() throws {
        let learner = EntityID<Learner>("0c000000-0000-4000-8000-00000000002a")!
        let pathway = EntityID<Pathway>("0c000000-0000-4000-8000-00000000002b")!
        let call = try Call(
            Wire.encode(EnrollLearner(learner: learner, pathway: pathway)), "POST /v1/learners/{learner}/enrollments",
            whole: nil)
        #expect(call.method == "POST" && call.target == "/v1/learners/\(learner)/enrollments"
            && call.body.map { String(decoding: $0, as: UTF8.self) } == #"{"pathway":"\#(pathway)"}"#)
    }

    @Test func `a query's other members become the query string`() throws {
        let id = EntityID<Subscription>("0c000000-0000-4000-8000-00000000002a")!
        let call = try Call(
            Wire.encode(ReadFeed(subscription: id, after: "12", limit: 200, waitSeconds: 5)),
            "GET /v1/subscriptions/{subscription}/events", whole: nil)
        #expect(call.body == nil && call.target == "/v1/subscriptions/\(id)/events?after=12&limit=200&waitSeconds=5")
    }

    @Test func `what would break an address is escaped`() {
        #expect(Call.escaped("a b&c=d+ü") == "a%20b%26c%3Dd%2B%C3%BC")
    }
}

struct SettingsTextTests {
    @Test func `settings are replaced in place, added once, and the rest stays`() {
        let text = SettingsText("# mine\nCAIRN_A=1\nCAIRN_B=2").setting([("CAIRN_A", "9")])
            .adding([("CAIRN_B", "8"), ("CAIRN_C", "3")])
        #expect(text.text == "# mine\nCAIRN_A=9\nCAIRN_B=2\nCAIRN_C=3\n")
    }

    @Test(arguments: [
        ("postgres:///cairn?host=/run/x", "postgres://me@/cairn?host=/run/x"),
        ("postgres://you:secret@db.example:5433/cairn", "postgres://me@db.example:5433/cairn"),
        ("postgresql://db.example/cairn?sslmode=verify-full", "postgresql://me@db.example/cairn?sslmode=verify-full"),
    ])
    func `each service connects as its own role`(given: String, expected: String) {
        #expect(DeploymentSetup.url(given, user: "me") == expected)
    }
}

struct SetupTests {
    @Test func `setting up twice changes nothing, and a moved folder is followed`() throws {
        let folder = Scratch.path("setup")
        let moved = folder + "-moved"
        let made = try DeploymentSetup(deployment: Deployment(folder), databaseURL: "postgres:///cairn").apply()
        let again = try DeploymentSetup(deployment: Deployment(folder)).apply()
        try FileManager.default.moveItem(atPath: folder, toPath: moved)
        let after = try DeploymentSetup(deployment: Deployment(moved)).apply()
        let settings = try String(contentsOfFile: "\(moved)/cairn.env", encoding: .utf8)
        #expect(made.contains("keys/gateway.key") && again.isEmpty && after == ["cairn.env (brought up to date)"]
            && settings.contains("CAIRN_RECORDS_KEY_FILE=\(moved)/keys/records.key")
            && settings.contains("CAIRN_RECORDS_DATABASE_URL=postgres://cairn_records@/cairn")
            && settings.contains("CAIRN_RECORDS_DATABASE_OWNER_URL=postgres://cairn_owner@/cairn"))
        let modes = ["keys/records.key", "keys/gateway-signing.pem", "keys/records-pairwise.key", "clients.json", "cairn.env"]
            .map { try? FileManager.default.attributesOfItem(atPath: "\(moved)/\($0)")[.posixPermissions] as? Int }
        #expect(modes.allSatisfy { $0 == 0o600 })
    }

    @Test func `a secret that was put elsewhere stays there, and one that is lost is asked for`() throws {
        let folder = Scratch.path("secrets"), setup = DeploymentSetup(deployment: Deployment(folder))
        _ = try DeploymentSetup(deployment: Deployment(folder), databaseURL: "postgres:///cairn").apply()
        let safe = "\(folder)/safe.key", key = "\(folder)/keys/records-pairwise.key"
        try FileManager.default.moveItem(atPath: key, toPath: safe)
        #expect(throws: CommandProblem.self) { try setup.apply() }
        let environment = "\(folder)/cairn.env"
        let text = try String(contentsOfFile: environment, encoding: .utf8)
        try text.replacing(key, with: safe).write(toFile: environment, atomically: true, encoding: .utf8)
        #expect(chmod(environment, 0o600) == 0)
        #expect(try setup.apply().isEmpty)
        #expect(try String(contentsOfFile: environment, encoding: .utf8).contains("PAIRWISE_KEY_FILE=\(safe)\n"))
        #expect(!FileManager.default.fileExists(atPath: key))
        // A signing key can be made anew: tokens live ten minutes.
        try FileManager.default.removeItem(atPath: "\(folder)/keys/gateway-signing.pem")
        #expect(try setup.apply() == ["keys/gateway-signing.pem"])
    }

    @Test func `replicas get ports of their own and everybody's addresses`() throws {
        let folder = Scratch.path("plan")
        let deployment = Deployment(folder)
        _ = try DeploymentSetup(deployment: deployment, databaseURL: "postgres:///cairn").apply()
        let plan = try ProcessPlan.make(deployment, replicas: ProcessPlan.replicas(["records=2"]))
        let second = plan.first { $0.name == "records-2" }
        #expect(plan.map(\.name) == [
            "gateway-1", "records-1", "records-2", "pathways-1", "assessment-1", "notifications-1",
        ])
        #expect(second?.environment["CAIRN_RECORDS_LISTEN"] == "127.0.0.1:7210"
            && second?.environment["CAIRN_RECORDS_OPS_LISTEN"] == "127.0.0.1:7212"
            && second?.environment["CAIRN_RECORDS_ADDRESSES"] == nil
            && plan.filter { $0.service != "records" }
                .allSatisfy { $0.environment["CAIRN_RECORDS_ADDRESSES"] == "127.0.0.1:7110,127.0.0.1:7210" })
    }

    @Test(arguments: ["records", "records=x", "records=10", "nothing=2", "records=-1"])
    func `replicas that make no sense are refused`(text: String) {
        #expect(throws: CommandProblem.self) { try ProcessPlan.replicas([text]) }
    }
}

struct ChildProcessTests {
    @Test func `a child inherits nothing that is open here`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let child = try ChildProcess.spawn("/bin/sleep", ["60"], environment: [:])
        close(ends[1])
        // Without a writer the pipe has ended, which is news; with one there is none.
        var reader = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        #expect(poll(&reader, 1, 5_000) == 1)
        kill(child.pid, SIGKILL)
        close(ends[0])
    }
}

struct ClientFileTests {
    @Test func `clients are made once, and made anew when their grants change`() throws {
        let folder = Scratch.path("clients")
        let deployment = Deployment(folder)
        _ = try DeploymentSetup(deployment: deployment, databaseURL: "postgres:///cairn").apply()
        let clients = ClientFile(deployment: deployment)
        let one = ClientFile.Wanted(id: "one", grants: [RoleGrant(.operator)])
        let other = ClientFile.Wanted(id: "one", grants: [RoleGrant(.auditor)])
        let steps = [try clients.ensure([one]), try clients.ensure([one]), try clients.ensure([other])]
        let registry = try ClientRegistry.load(deployment.clientsFile)
        let secret = try clients.secret(of: "one")
        #expect(steps == [true, false, true] && registry.clients.count == 1
            && registry.authenticate("one", secret: secret)?.grants == other.grants)
        try clients.revoke("one")
        #expect(throws: CommandProblem.self) { try clients.ensure([other]) }
        #expect(try clients.list().map(\.isRevoked) == [true])
        try clients.forget(["one"])
        #expect(try clients.list().isEmpty)
        #expect(throws: CommandProblem.self) { try clients.secret(of: "one") }
    }

    @Test(arguments: ["registrar", "operator:0c000000-0000-4000-8000-000000000001", "service", "nobody", "learner:x"])
    func `a role is refused without its scope, with one too many, or unknown`(text: String) {
        #expect(throws: CommandProblem.self) { try ClientAdd.grant(text) }
    }
}

struct ReadingTests {
    @Test func `a gap in a feed is noticed and a repeat is not one`() {
        var reading = FeedReading(after: 4)
        let gaps = ["5", "6", "9", "9", "10"].map { reading.take(["sequence": .string($0)]) }
        #expect(gaps == [nil, nil, 7...8, nil, nil] && reading.last == 10)
    }

    @Test func `metrics are read as our exporter writes them`() {
        let samples = OpsProbe.parse("""
            # HELP cairn_consumer_lag_events Events.
            cairn_consumer_lag_events{consumer="records.attainments",source="assessment"} 3.0
            cairn_parked_events 0
            broken
            """)
        #expect(samples == [
            .init(name: "cairn_consumer_lag_events", labels: ["consumer": "records.attainments", "source": "assessment"], value: 3),
            .init(name: "cairn_parked_events", labels: [:], value: 0),
        ])
    }

    @Test func `a process that is gone is down, and the whole is not up`() {
        let entry = ProcessTable.Entry(
            name: "records-1", service: "records", listen: "127.0.0.1:7110", ops: "127.0.0.1:7112", pid: 1, state: .ready,
            since: .now, restarts: 2)
        let report = StatusReport(ProcessTable(supervisor: 1, processes: [entry]), [nil])
        #expect(!report.isUp && report.processes[0].state == "down" && report.lines.contains { $0.contains("records-1") })
    }

    @Test func `what a process without its database says is what it knew before, and nobody's number now`() {
        func entry(_ name: String) -> ProcessTable.Entry {
            ProcessTable.Entry(
                name: name, service: name, listen: "127.0.0.1:7110", ops: "127.0.0.1:7112", pid: 1, state: .ready,
                since: .now, restarts: 0)
        }
        func probe(_ isReady: Bool, _ lag: Double) -> OpsProbe {
            OpsProbe(isReady: isReady, problems: [], samples: [
                .init(name: "cairn_consumer_lag_events", labels: ["consumer": "c", "source": "s"], value: lag),
                .init(name: "cairn_feed_waiting", labels: [:], value: lag),
            ])
        }
        func report(_ probes: OpsProbe?...) -> StatusReport {
            StatusReport(ProcessTable(supervisor: 1, processes: probes.indices.map { entry("n\($0)") }), probes)
        }
        #expect(report(probe(true, 3), probe(true, 5)).consumers.map(\.lag) == [5])
        #expect(report(probe(true, 3), probe(false, 5)).consumers.map(\.lag) == [3])
        #expect(report(probe(false, 5), probe(true, 3)).feedWaiting == 3)
        let unknown = report(probe(false, 0), nil)
        #expect(unknown.consumers.map(\.lag) == [nil] && unknown.feedWaiting == nil)
        #expect(unknown.lines.contains { $0.contains("feeds: - waiting") })
    }

    @Test func `a consumer that reads on no more is seen, unless another replica of it does`() {
        let entry = ProcessTable.Entry(
            name: "n", service: "n", listen: "127.0.0.1:7110", ops: "127.0.0.1:7112", pid: 1, state: .ready, since: .now,
            restarts: 0)
        func report(_ silences: Double...) -> StatusReport {
            StatusReport(ProcessTable(supervisor: 1, processes: silences.map { _ in entry }), silences.map { silence in
                let labels = ["consumer": "c", "source": "s"]
                return OpsProbe(isReady: true, problems: [], samples: [
                    .init(name: "cairn_consumer_lag_events", labels: labels, value: 0),
                    .init(name: "cairn_consumer_silent_seconds", labels: labels, value: silence),
                ])
            })
        }
        #expect(report(0.7, 245).consumers == [.init(consumer: "c", source: "s", lag: 0, silentSeconds: 0.7)])
        #expect(report(0.7, 245).lines.contains { $0.contains("now") })
        #expect(report(245).lines.contains { $0.contains("4 m 05 s ago") })
    }

    @Test func `the same package has the same upload`() {
        #expect(ImportCase.uploadID([1, 2, 3]) == ImportCase.uploadID([1, 2, 3])
            && ImportCase.uploadID([1, 2, 3]) != ImportCase.uploadID([1, 2, 4]))
    }

    @Test func `nothing from elsewhere reaches the terminal as a command`() {
        #expect(Terminal.printable("a\u{1B}[31mb\nc\u{202E}d") == "a [31mb c d")
    }

    @Test(arguments: [(0.0004, "0.4 ms"), (0.25, "250 ms"), (3.251, "3.25 s"), (245, "4 m 05 s"), (11_220, "3 h 07 m")])
    func `durations read well`(seconds: Double, text: String) {
        #expect(Duration.seconds(seconds).spoken == text)
    }
}

struct WebhookReceiverTests {
    @Test func `a webhook is trusted by its signature alone`() throws {
        let receiver = WebhookReceiver()
        // Key, id, timestamp and body of this test; the signature was computed with Python's hmac.
        try receiver.trust("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let now = Timestamp(microseconds: 1_700_000_000_000_000)
        let good = "v1,+fpSGS51mU/M9YFq3yIp7JlMqqwczJH9sMABzRiRdEE="
        receiver.take(id: "one", timestamp: "1700000000", signature: good, body: Array("{}".utf8), now: now)
        receiver.take(id: "two", timestamp: "1700000000", signature: good, body: Array("{}".utf8), now: now)
        receiver.take(id: "three", timestamp: "1600000000", signature: good, body: Array("{}".utf8), now: now)
        receiver.take(id: "one", timestamp: "1700000000", signature: good, body: Array("{}".utf8), now: now)
        #expect(receiver.received.map { $0.flaw == nil } == [true, false, false])
    }
}

struct HelpTests {
    /// Help is folded at 80 columns where it does not go to a terminal; a folded example cannot be copied.
    @Test func `no example in a verb's help is too wide to be copied`() {
        var left: [any ParsableCommand.Type] = [Cairn.self]
        var wide: [String] = []
        while let verb = left.popLast() {
            left += verb.configuration.subcommands
            wide += verb.configuration.discussion.split(separator: "\n")
                .filter { $0.hasPrefix("  ") && $0.count > 80 }.map(String.init)
        }
        #expect(wide.isEmpty, "\(wide.joined(separator: "\n"))")
    }
}

struct FolderTests {
    @Test(arguments: [([:], ".cairn"), (["CAIRN_DIRECTORY": ""], ".cairn"), (["CAIRN_DIRECTORY": "/srv/x"], "/srv/x")])
    func `the folder that ops/run was told is the one that every verb means`(environment: [String: String], folder: String) {
        #expect(DeploymentOptions.folder(in: environment) == folder)
    }
}

struct UnreachableTests {
    @Test func `a gateway that is not there is told in words, with what to do next`() async throws {
        // Port 1 of this machine: nobody listens there.
        let api = API(base: "http://127.0.0.1:1")
        let problem = await #expect(throws: CommandProblem.self) {
            try await api.send("GET", "/v1/x", headers: [], body: nil, timeout: .seconds(20))
        }
        #expect(problem?.description.contains("Nobody answers at http://127.0.0.1:1.\n  next: cairn up") == true)
    }
}
