import Crypto
import Domain
import Foundation
import Messaging
import ServiceKit
import Storage
import Support
import Synchronization
import Testing
@testable import Command

extension Cities {
    /// What comes from outside with bad intent or none at all: refused as documented, and nothing changes.
    @Suite struct HostileTests {
        /// Of a service that has seen all of it. The bound is ours; an idle service has about 40 MiB.
        static let residentMiBMax = 160.0

        @Test(.timeLimit(.minutes(5)))
        func `no stranger, liar or noise changes anything or ends a process`() async throws {
            let city = try await City.open()
            let town = try await Town.found(city, webhook: nil)
            let citizens = try await town.settle(2)
            let edge = try await HostileEdge(town, citizens)
            let pids = city.names.map { city.process($0.role, $0.replica)?.pid }
            let before = try await settledEvents(city)

            #expect(try await edge.surprises() == [])
            #expect(try await tokenSurprises(edge) == [])
            #expect(try await listedKeySurprises(city) == [])
            let noise = try await concurrently(Mesh.services, limit: 4) { try await noiseSurprises(city, town, $0) }
            #expect(noise.flatMap { $0 } == [])

            #expect(try await settledEvents(city) == before)
            #expect(city.names.map { city.process($0.role, $0.replica)?.pid } == pids)
            #expect(city.names.filter { city.process($0.role, $0.replica)?.isRunning != true }.map(\.role) == [])
            try await city.close()
        }
    }
}

/// Events of all services, when no more come: half a second apart, three times the same.
private func settledEvents(_ city: City) async throws -> Int {
    let pool = city.database()
    defer { Task { await pool.close() } }
    let seen = Mutex((count: -1, times: 0))
    return try await awaited("the events to stop", every: .milliseconds(500)) {
        let tables = Mesh.services.map { "(SELECT count(*) FROM \($0).event)" }.joined(separator: " + ")
        let count = try await pool.withConnection {
            try $0.execute(SQL(stringLiteral: "SELECT " + tables)).decode((Int).self)[0]
        }
        return seen.withLock { seen in
            seen = (count, seen.count == count ? seen.times + 1 : 1)
            return seen.times >= 3 ? count : nil
        }
    }
}

// MARK: HTTP

/// Requests as only somebody hostile or careless sends them.
private struct HostileEdge: Sendable {
    struct Attack: Sendable {
        var name: String
        var method = "POST"
        var target = "/v1/organizations"
        var token: String?
        var key: String? = "hostile"
        var type: String? = "application/json"
        var body: String?
        var status: Int
        var code: String
    }

    static let good = #"{"title":"North Academy","kinds":["school"],"region":"north"}"#
    let town: Town
    let citizens: [Town.Citizen]
    let token: String
    private let foreign: String
    private let learner: String

    /// Makes all that is needed, among it the command whose key is used again: from here on nothing may change.
    init(_ town: Town, _ citizens: [Town.Citizen]) async throws {
        self.town = town
        self.citizens = citizens
        token = try await town.operator.token()
        let stranger = try await town.city.client("stranger", RoleGrant(.registrar, over: UUID()))
        foreign = try await stranger.token()
        learner = try await citizens[1].client.token()
        _ = try await town.operator.send("POST", "/v1/organizations", body: Array(Self.good.utf8), key: "used")
    }

    private var attacks: [Attack] {
        let learnerID = citizens[0].learner.description, nobody = "0190f6a0-0000-7000-8000-0000000000ff"
        let consent = citizens[0].consent.description
        let newLearner = #"{"organization":"\#(town.organization.description)","givenName":"A","familyName":"B","birthDate":"2001-02-03"}"#
        return [
            Attack(name: "no JSON", body: "{'title':1}", status: 400, code: "malformed"),
            Attack(name: "half of it", body: String(Self.good.dropLast(9)), status: 400, code: "malformed"),
            Attack(name: "no UTF-8 text", body: "{\"title\":\"\\ud800\"}", status: 400, code: "malformed"),
            Attack(name: "no body", status: 400, code: "malformed"),
            Attack(name: "a wrong type", body: #"{"title":1,"kinds":["school"],"region":"north"}"#, status: 422, code: "invalid"),
            Attack(name: "an array", body: "[]", status: 422, code: "invalid"),
            Attack(name: "a member nobody knows", body: #"{"title":"A","kinds":["school"],"region":"n","admin":true}"#,
                   status: 422, code: "invalid"),
            Attack(name: "a member twice", body: #"{"title":"A","title":"B","kinds":["school"],"region":"n"}"#,
                   status: 400, code: "malformed"),
            Attack(name: "a rule broken", body: #"{"title":"","kinds":["school"],"region":"n"}"#, status: 422, code: "invalid"),
            Attack(name: "over 1 MiB", body: "\"" + String(repeating: "x", count: 1 << 20) + "\"", status: 413, code: "too_large"),
            Attack(name: "deep", body: String(repeating: "[", count: 50_000), status: 413, code: "too_large"),
            Attack(name: "no key", key: nil, body: Self.good, status: 400, code: "malformed"),
            Attack(name: "a key with a space", key: "a b", body: Self.good, status: 400, code: "malformed"),
            Attack(name: "a used key with another body", key: "used",
                   body: Self.good.replacing("North", with: "South"), status: 422, code: "key_reused"),
            Attack(name: "another media type", type: "text/plain", body: Self.good, status: 415, code: "malformed"),
            Attack(name: "no media type", type: nil, body: Self.good, status: 415, code: "malformed"),
            Attack(name: "another method", method: "DELETE", target: "/v1/organizations", status: 405, code: "method_not_allowed"),
            Attack(name: "no such address", target: "/v1/nothing", body: "{}", status: 404, code: "not_found"),
            Attack(name: "a climbing address", method: "GET", target: "/v1/learners/..%2f..%2fetc", status: 404, code: "not_found"),
            Attack(name: "a learner who does not exist", method: "GET", target: "/v1/learners/\(nobody)", token: foreign,
                   status: 404, code: "not_found"),
            Attack(name: "another organization's learner", method: "GET", target: "/v1/learners/\(learnerID)", token: foreign,
                   status: 404, code: "not_found"),
            Attack(name: "another learner's record", method: "GET", target: "/v1/learners/\(learnerID)/record",
                   token: learner, status: 404, code: "not_found"),
            Attack(name: "another learner's consent", target: "/v1/consents/\(consent)/withdraw", token: learner,
                   status: 404, code: "not_found"),
            Attack(name: "a learner for another organization", target: "/v1/learners", token: foreign, body: newLearner,
                   status: 404, code: "not_found"),
            Attack(name: "a role that never may", token: learner, body: Self.good, status: 403, code: "forbidden"),
        ]
    }

    func surprises() async throws -> [String] {
        var surprises: [String] = []
        for attack in attacks {
            let answer = try await send(attack, token: attack.token ?? token)
            let code = (try? JSONValue.parse(answer.body))?["code"]?.text
            if answer.status != attack.status || code != attack.code {
                surprises.append("\(attack.name): \(answer.status) \(code ?? "no code")")
            }
        }
        return surprises
    }

    func send(_ attack: Attack, token: String?) async throws -> API.Answer {
        var headers: [(String, String)] = []
        if let token { headers.append(("Authorization", "Bearer \(token)")) }
        if let key = attack.key, attack.method == "POST" { headers.append(("Idempotency-Key", key)) }
        if attack.body != nil, let type = attack.type { headers.append(("Content-Type", type)) }
        return try await town.city.api.send(
            attack.method, attack.target, headers: headers, body: attack.body.map { Array($0.utf8) }, timeout: .seconds(15))
    }
}

/// Whatever is wrong with a token, the answer is the same to the letter, but for the trace.
private func tokenSurprises(_ edge: HostileEdge) async throws -> [String] {
    let parts = edge.token.split(separator: ".").map(String.init)
    let pem = try String(contentsOfFile: edge.town.city.folder + "/keys/gateway-signing.pem", encoding: .utf8)
    let ours = try P256.Signing.PrivateKey(pemRepresentation: pem), theirs = P256.Signing.PrivateKey()
    let header = try JSONValue.parse(unbase64(parts[0])), claims = try JSONValue.parse(unbase64(parts[1]))
    func token(_ header: JSONValue, _ claims: JSONValue, by key: P256.Signing.PrivateKey) throws -> String {
        let signed = "\(base64URL(header.serialized())).\(base64URL(claims.serialized()))"
        return "\(signed).\(base64URL(Array(try key.signature(for: Array(signed.utf8)).rawRepresentation)))"
    }
    let now = Int64(Date().timeIntervalSince1970)
    func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }
    let tokens: [(String, String?)] = [
        ("none", nil), ("empty", ""), ("not a token", "abc"), ("two parts", parts[0] + "." + parts[1]),
        ("no signature", parts[0] + "." + parts[1] + "."),
        ("another's signature", try token(header, claims, by: theirs)),
        ("changed claims", "\(parts[0]).\(base64URL(claims.with("sub", "client:root").serialized())).\(parts[2])"),
        ("alg none", "\(base64URL(header.with("alg", "none").serialized())).\(parts[1])."),
        ("expired", try token(header, claims.with("exp", number(now - 61)), by: ours)),
        ("not yet", try token(header, claims.with("nbf", number(now + 120)), by: ours)),
        ("eternal", try token(header, claims.with("exp", number(now + 1_000_000)), by: ours)),
        ("another audience", try token(header, claims.with("aud", "elsewhere"), by: ours)),
        ("the role service", try token(header, claims.with("grants", [["role": "service"]]), by: ours)),
        ("a client that is not there", try token(header, claims.with("client_id", "nobody"), by: ours)),
        ("another key id", try token(header.with("kid", "../../etc/passwd"), claims, by: ours)),
        ("9 KiB", String(repeating: "a", count: 9 << 10)),
    ]
    var surprises: [String] = []
    var bodies: Set<String> = []
    for (name, token) in tokens {
        let answer = try await edge.send(
            .init(name: name, body: HostileEdge.good, status: 401, code: "unauthenticated"), token: token)
        guard case .object(var body) = try JSONValue.parse(answer.body) else { return ["\(name): no problem document"] }
        body["traceId"] = nil
        bodies.insert(String(decoding: JSONValue.object(body).serialized(), as: UTF8.self))
        if answer.status != 401 || body["code"]?.text != "unauthenticated" { surprises.append("\(name): \(answer.status)") }
    }
    if bodies.count != 1 { surprises.append("\(bodies.count) different bodies: \(bodies)") }
    // The forger's tools work: with nothing changed the token is taken, up to the missing key.
    let control = try await edge.send(
        .init(name: "good", key: nil, body: HostileEdge.good, status: 400, code: "malformed"),
        token: try token(header, claims, by: ours))
    if control.status != 400 { surprises.append("a true token: \(control.status)") }
    return surprises
}

private func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

private func unbase64(_ text: String) throws -> [UInt8] {
    let padded = text.replacing("-", with: "+").replacing("_", with: "/")
        + String(repeating: "=", count: (4 - text.count % 4) % 4)
    guard let data = Data(base64Encoded: padded) else { throw City.Broken("a token that is not base64") }
    return Array(data)
}

extension JSONValue {
    fileprivate func with(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[name] = value
        return .object(members)
    }
}

// MARK: The mesh

extension City {
    fileprivate func address(_ role: String) throws -> ServerAddress {
        ServerAddress(
            endpoint: "tcp://127.0.0.1:\(requestPort(role))",
            serverKey: try CurveKeyPair(contentsOfFile: deployment.keyFile(role)).publicKey)
    }

    fileprivate func caller(_ reactor: Reactor, of role: String, keys: CurveKeyPair) throws -> RequestClient {
        RequestClient(reactor: reactor, service: role, addresses: [try address(role)], keys: keys, logger: quiet)
    }
}

/// A listed key says who calls; what the frame says counts only from a gateway, and not everything there.
private func listedKeySurprises(_ city: City) async throws -> [String] {
    struct Lie: Sendable {
        var caller: String, service: String, method: String, subject: [UInt8] = [], code: Fault.Code
    }
    let `operator` = Wire.encode(Subject(id: "client:root", grants: [RoleGrant(.operator)]))
    let service = Wire.encode(Subject(id: "client:root", grants: [RoleGrant(.service)]))
    var lies = [
        Lie(caller: "records", service: "assessment", method: "assessment.record_judgment", code: .forbidden),
        Lie(caller: "notifications", service: "records", method: "records.get_learner", code: .forbidden),
        Lie(caller: "records", service: "pathways", method: "pathways.register_organization", subject: `operator`, code: .forbidden),
        Lie(caller: "records", service: "notifications", method: "notifications.get_subscription_secret", subject: `operator`,
            code: .forbidden),
        Lie(caller: "gateway", service: "records", method: "records.authorize_disclosures", subject: service, code: .unauthenticated),
        Lie(caller: "gateway", service: "records", method: "records.authorize_disclosures",
            subject: Wire.encode(Subject.service("notifications")), code: .unauthenticated),
        Lie(caller: "gateway", service: "records", method: "records.authorize_disclosures", subject: `operator`, code: .forbidden),
        Lie(caller: "gateway", service: "records", method: "records.get_learner", code: .unauthenticated),
        Lie(caller: "gateway", service: "records", method: "records.get_learner",
            subject: [UInt8](repeating: 0x5B, count: 3000), code: .unauthenticated),
        Lie(caller: "records", service: "pathways", method: "records.get_learner", code: .notFound),
    ]
    lies += Mesh.services.map {
        Lie(caller: "gateway", service: $0, method: "\($0).fetch_events", subject: service, code: .forbidden)
    }
    let reactor = Reactor(logger: quiet)
    var surprises: [String] = []
    for lie in lies {
        let client = try city.caller(
            reactor, of: lie.service, keys: try CurveKeyPair(contentsOfFile: city.deployment.keyFile(lie.caller)))
        let reply = try await client.call(OutgoingRequest(
            method: lie.method, key: "lie", deadline: .seconds(10), subject: lie.subject, body: Array("{}".utf8)))
        let fault = try? Wire.decode(Fault.self, from: reply.body)
        if reply.status != 1 || fault?.code != lie.code {
            surprises.append("\(lie.caller) → \(lie.method): \(reply.status) \(fault?.code.rawValue ?? "no fault")")
        }
        await client.close()
    }
    await reactor.shutdown()
    return surprises
}

/// Everything at one service's port while others use it: strangers, other protocols, silence, 50 MB of noise.
private func noiseSurprises(_ city: City, _ town: Town, _ role: String) async throws -> [String] {
    var surprises: [String] = []
    let port = UInt16(city.requestPort(role))
    let refusedBefore = await city.metric("cairn_server_refused_total", of: role) ?? -1
    let reactor = Reactor(logger: quiet)
    let stranger = try city.caller(reactor, of: role, keys: .generate())
    do {
        let reply = try await stranger.call(OutgoingRequest(
            method: "\(role).fetch_events", idempotent: true, deadline: .seconds(2), body: []))
        surprises.append("\(role) answered a stranger: \(reply)")
    } catch {}
    await stranger.close()
    await reactor.shutdown()
    let refusedAfter = await city.metric("cairn_server_refused_total", of: role) ?? -1
    if refusedBefore < 0 || refusedAfter <= refusedBefore {
        surprises.append("\(role) counted \(refusedBefore) refusals, then \(refusedAfter)")
    }

    let tally = Tally()
    async let answers = askMeanwhile(town, role, until: { tally.isOver })
    let (sent, peak) = try await withThrowingTaskGroup(of: Double.self) { group in
        // Held open to the end: silence, and the first half of a greeting.
        let silent = (0..<200).compactMap { RawConnection(port, sending: $0 % 2 == 0 ? [] : RawConnection.greeting.prefix(11)) }
        if silent.count != 200 { surprises.append("\(role) took \(silent.count) connections") }
        group.addTask {
            var peak = 0.0
            while !tally.isOver {
                peak = max(peak, await city.metric("process_resident_memory_bytes", of: role) ?? 0)
                try await Task.sleep(for: .milliseconds(50))
            }
            return max(peak, await city.metric("process_resident_memory_bytes", of: role) ?? .infinity)
        }
        let sent = await onOwnThread { RawConnection.noise(port, bytes: 50_000_000, seconds: 20) }
        withExtendedLifetime(silent) {}
        tally.end()
        return (sent, try await group.next() ?? .infinity)
    }
    let (count, slowest, failures) = await answers
    print("hostile: \(role): \(sent / 1_000_000) MB of noise, \(Int(peak / 1_048_576)) MiB at the peak, "
        + "\(count) others served, the slowest in \(slowest)")
    if sent < 50_000_000 { surprises.append("\(role): only \(sent) bytes of noise were sent") }
    if peak / 1_048_576 > Cities.HostileTests.residentMiBMax { surprises.append("\(role): \(peak / 1_048_576) MiB") }
    if count == 0 || slowest > .seconds(5) || !failures.isEmpty {
        surprises.append("\(role): others got \(count) answers, the slowest in \(slowest), failures \(failures.prefix(3))")
    }
    return surprises
}

/// A question to this service again and again, each asked once.
private func askMeanwhile(
    _ town: Town, _ role: String, until isOver: @Sendable () -> Bool
) async -> (count: Int, slowest: Duration, failures: [String]) {
    var count = 0, slowest = Duration.zero, failures: [String] = []
    repeat {
        let start = ContinuousClock.now
        do {
            switch role {
            case "records": _ = try await town.registrar.send("GET", "/v1/learners/\(UUID().text)", triesMax: 1)
            case "pathways": _ = try await town.operator.send("GET", "/v1/pathways/\(town.pathway.description)", triesMax: 1)
            case "assessment": _ = try await town.operator.send("GET", "/v1/rubrics/\(town.rubric.description)", triesMax: 1)
            default: _ = try await town.partner.send("GET", "/v1/subscriptions/\(town.subscription.description)", triesMax: 1)
            }
            count += 1
        } catch let problem as APIProblem where role == "records" && problem.status == 404 {
            count += 1
        } catch { failures.append("\(error)") }
        slowest = max(slowest, start.duration(to: .now))
        try? await Task.sleep(for: .milliseconds(5))
    } while !isOver()
    return (count, slowest, failures)
}

/// Sockets block; the tasks' few threads are not theirs to hold.
private func onOwnThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in Thread.detachNewThread { continuation.resume(returning: body()) } }
}

/// A TCP connection of somebody who does not speak our protocol, or not to the end.
private final class RawConnection {
    /// How ZMTP 3.1 begins: signature, version, mechanism CURVE, not a server, filler.
    static let greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 1] + Array("CURVE".utf8)
        + [UInt8](repeating: 0, count: 15) + [UInt8](repeating: 0, count: 32)
    private let descriptor: Int32

    init?(_ port: UInt16, sending bytes: some Collection<UInt8> = []) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if status != 0 || !send(Array(bytes)) { return nil }
    }

    deinit { close(descriptor) }

    /// Whether all of it went out within a second.
    func send(_ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Connection after connection, each with a beginning of its own and then noise, until the server hangs up on it or
    /// it has had 2 MB. - Returns: how many bytes were sent in all.
    static func noise(_ port: UInt16, bytes: Int, seconds: Double) -> Int {
        var random = SplitMix64(seed: 20_261_121)
        let beginnings: [[UInt8]] = [
            [], Array("GET / HTTP/1.1\r\nHost: cairn\r\n\r\n".utf8),
            // A greeting that never ends, and one after which a command of 2^63 bytes is announced.
            Array(greeting.prefix(12)) + [UInt8](repeating: 0x41, count: 20),
            greeting, greeting + [0x06, 0x7F] + [UInt8](repeating: 0xFF, count: 7),
            greeting + [0x04, 200, 5] + Array("HELLO".utf8) + [UInt8](repeating: 1, count: 194),
            [0x16, 3, 1, 2, 0],
        ]
        let end = ContinuousClock.now + .seconds(seconds)
        var sent = 0, round = 0
        while sent < bytes, ContinuousClock.now < end {
            let beginning = beginnings[round % beginnings.count]
            round += 1
            guard let connection = RawConnection(port, sending: beginning) else { continue }
            let block = (0..<(64 << 10) / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
            for _ in 0..<32 {
                guard connection.send(block) else { break }
                sent += block.count
            }
        }
        return sent
    }
}
