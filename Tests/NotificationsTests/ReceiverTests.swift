import Domain
import EventLog
import Foundation
import Storage
import Support
import Testing

@testable import Notifications

/// The receiver that partners are given, run as they run it, against a real sender: HTTP, signatures and all. Needs
/// Python with `standardwebhooks` (ops/partner-receiver/requirements.txt).
@Suite(.enabled("needs python3 with standardwebhooks", { await PartnerReceiver.isRunnable() }))
struct PartnerReceiverTests {
    @Test(.timeLimit(.minutes(2)))
    func `a partner's receiver verifies, counts once, and gives back what is retracted`() async throws {
        try await World.run { world in
            let receiver = try await PartnerReceiver.start(failFirst: 2) { port in
                try await world.subscribe(webhook: "http://127.0.0.1:\(port)/cairn")
            } secret: { world.signing.secret(of: $0).text }
            defer { receiver.stop() }
            let subscription = receiver.subscription
            let staying = EntityID<Learner>.make(), leaving = EntityID<Learner>.make()
            let consent = world.consent(leaving)
            world.consent(staying)
            for number in 0..<5 {
                world.attain(staying, "t\(number)")
                world.attain(leaving, "t\(number)")
            }
            try await world.caughtUp()
            let client = WebhookClient(logger: quiet)
            try await world.sending(posting: client) { try await world.until { try await world.idle(subscription) } }
            _ = try await world.ask(
                ReplayFeed(subscription: subscription, after: "0"), by: world.partner,
                ReplayFeedHandler(subscriptions: world.subscriptions, work: world.work, bell: world.bell))
            try await world.sending(posting: client) { try await world.until { try await world.idle(subscription) } }
            #expect(try await receiver.deliveries() == (1...14).map { $0 })
            #expect(try await world.count("SELECT count(*) FROM attempt WHERE outcome = 'failed' AND status = 500") == 2)

            world.withdraw(consent, leaving)
            try await world.caughtUp()
            try await world.sending(posting: client) { try await world.until { try await world.idle(subscription) } }
            let left = try await world.feeds.items(of: subscription, after: 0, limit: 100)
                .filter { !$0.isRetracted }.map(\.sequence)
            #expect(try await receiver.deliveries() == left)
            await client.close()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a delivery signed with another key is refused`() async throws {
        try await World.run { world in
            let receiver = try await PartnerReceiver.start { port in
                try await world.subscribe(webhook: "http://127.0.0.1:\(port)/")
            } secret: { _ in WebhookSecret(bytes: Array(repeating: 9, count: 32)).text }
            defer { receiver.stop() }
            world.consent(.make())
            try await world.caughtUp()
            let client = WebhookClient(logger: quiet)
            try await world.sending(posting: client) {
                try await world.until { try await world.count("SELECT count(*) FROM attempt WHERE status = 401") > 0 }
            }
            #expect(try await receiver.deliveries().isEmpty)
            await client.close()
        }
    }
}

/// One process of ops/partner-receiver/receiver.py on a free port.
final class PartnerReceiver {
    private let process: Process
    private let folder: Scratch.Folder
    let subscription: EntityID<Subscription>

    private static let script: URL = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("ops/partner-receiver/receiver.py")

    static func isRunnable() async -> Bool {
        let check = try? await python(["-c", "import standardwebhooks, sqlite3"])
        return check?.status == 0
    }

    /// Runs Python to its end without holding up a thread of the pool; its output is a few lines.
    private static func python(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (status, String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
    }

    /// The secret follows from the subscription, which needs the port: so the port is chosen first.
    static func start(
        failFirst: Int = 0, subscribe: (Int) async throws -> EntityID<Subscription>,
        secret: (EntityID<Subscription>) -> String
    ) async throws -> PartnerReceiver {
        let port = try freePort()
        let subscription = try await subscribe(port)
        return try PartnerReceiver(port, failFirst, subscription, secret(subscription))
    }

    private init(_ port: Int, _ failFirst: Int, _ subscription: EntityID<Subscription>, _ secret: String) throws {
        self.subscription = subscription
        folder = try Scratch.Folder(["secret": secret])
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-B", Self.script.path, "--port", String(port), "--database",
            folder["inbox.sqlite"], "--secret-file", folder["secret"], "--fail-first",
            String(failFirst),
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Its first line says that it listens.
        guard !output.fileHandleForReading.availableData.isEmpty else { throw CocoaError(.executableLoad) }
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    /// Sequences of what it holds, in order.
    func deliveries() async throws -> [Int64] {
        try await Self.python(["-c", """
            import sqlite3, sys
            for row in sqlite3.connect(sys.argv[1]).execute("SELECT sequence FROM delivery ORDER BY sequence"):
                print(row[0])
            """, folder["inbox.sqlite"]]).output.split(separator: "\n").compactMap { Int64($0) }
    }

    /// SIGTERM may be blocked in a child: it inherits the mask of the thread that started it.
    func stop() { kill(process.processIdentifier, SIGKILL) }

    private static func freePort() throws -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port: UInt16? = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(socket, generic, length) == 0, getsockname(socket, generic, &length) == 0 else { return nil }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        guard let port else { throw CocoaError(.featureUnsupported) }
        return Int(port)
    }
}
