import Glibc
import Logging
import Messaging

/// Our two ends, each run in a process of its own.
enum Ours {
    static let serverKeyFile = "server.key", clientKeyFile = "client.key"

    private static var logger: Logger {
        var logger = Logger(label: "messaging-bench")
        logger.logLevel = .warning
        return logger
    }

    /// `serve <folder>`: writes its endpoint, echoes until standard input ends, and writes its CPU time for each
    /// request.
    static func serve(_ words: [String]) async throws {
        guard words.count == 1 else { throw Failure("serve <folder>") }
        let keys = try CurveKeyPair(contentsOfFile: "\(words[0])/\(serverKeyFile)")
        let caller = try CurveKeyPair(contentsOfFile: "\(words[0])/\(clientKeyFile)").publicKey
        let server = RequestServer(
            reactor: Reactor(logger: logger), endpoint: "tcp://127.0.0.1:*", keys: keys,
            allow: AllowList([caller: Peer(name: "bench", role: "bench")]), logger: logger
        ) { OutgoingReply(body: $0.body) }
        try await server.start()
        let before = processorSeconds()
        say(server.boundEndpoint)
        await withUnsafeContinuation { continuation in
            // A blocking read has no place on the pool.
            let thread = BlockingThread { continuation.resume() }
            thread.start()
        }
        let perRequest = (processorSeconds() - before) / Double(max(1, server.stats.accepted)) * 1e6
        say("server_us=\(perRequest)")
        await server.stop()
    }

    /// `load <folder> <endpoint> <reactor|pool> <seconds> <outstanding> <body bytes>`: writes round trips per second
    /// and its own CPU time for each. `reactor` and `pool` are where the calling tasks run.
    static func load(_ words: [String]) async throws {
        guard words.count == 6, let seconds = Double(words[3]), let outstanding = Int(words[4]), let size = Int(words[5])
        else { throw Failure("load <folder> <endpoint> <reactor|pool> <seconds> <outstanding> <body bytes>") }
        let reactor = Reactor(logger: logger)
        let client = RequestClient(
            reactor: reactor, service: "bench",
            addresses: [ServerAddress(endpoint: words[1],
                                      serverKey: try CurveKeyPair(contentsOfFile: "\(words[0])/\(serverKeyFile)").publicKey)],
            keys: try CurveKeyPair(contentsOfFile: "\(words[0])/\(clientKeyFile)"), logger: logger)
        let request = OutgoingRequest(method: "echo", deadline: .seconds(30), body: [UInt8](repeating: 0x61, count: size))
        for _ in 0..<100 { _ = try await client.call(request) }
        let (start, before) = (ContinuousClock.now, processorSeconds())
        let count = try await callRepeatedly(client, request, tasks: outstanding,
                                             on: words[2] == "reactor" ? reactor : nil, until: start + .seconds(seconds))
        let took = (ContinuousClock.now - start) / .seconds(1)
        say("rate=\(Double(count) / took) client_us=\((processorSeconds() - before) / Double(count) * 1e6)")
        await client.close()
    }

    @concurrent private static func callRepeatedly(
        _ client: RequestClient, _ request: OutgoingRequest, tasks: Int, on reactor: Reactor?,
        until end: ContinuousClock.Instant
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask(executorPreference: reactor) {
                    var count = 0
                    repeat {
                        _ = try await client.call(request)
                        count += 1
                        // The clock costs as much as a percent of a call.
                    } while count % 16 != 0 || ContinuousClock.now < end
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Calls back, from a thread of its own, when standard input has ended.
private final class BlockingThread: Sendable {
    private let ended: @Sendable () -> Void

    init(_ ended: @escaping @Sendable () -> Void) { self.ended = ended }

    func start() {
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { argument in
            guard let argument else { return nil }
            let waiter = Unmanaged<BlockingThread>.fromOpaque(argument).takeRetainedValue()
            var byte: UInt8 = 0
            while true {
                let count = read(0, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            waiter.ended()
            return nil
        }, Unmanaged.passRetained(self).toOpaque())
        if status == 0 { pthread_detach(thread) } else { ended() }
    }
}
