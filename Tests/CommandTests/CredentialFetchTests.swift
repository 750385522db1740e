import Credentials
import Domain
import Foundation
import Glibc
import Synchronization
import Testing
@testable import Command

/// `cairn credential verify --fetch` against a server on this machine, which the tests alone may be asked for.
@Suite(.timeLimit(.minutes(1))) struct CredentialFetchTests {
    private static let ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n"

    private static func answer(_ body: [UInt8], _ head: String = ok) -> [UInt8] {
        Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private func fetch(_ server: LoopbackServer, bytesMax: Int = CredentialFetch.bytesMax, limit: Duration = .seconds(10)) -> CredentialFetch {
        CredentialFetch(keys: LocalKeys(), documents: LocalDocuments(), loopbackAllowed: true, bytesMax: bytesMax, limit: limit)
    }

    private func reason<Found>(_ resolution: Resolution<Found>) -> String {
        switch resolution {
        case .found: "found"
        case .unknown(let reason): "unknown: \(reason)"
        case .unavailable(let reason): "unavailable: \(reason)"
        }
    }

    @Test func `an issuer and a status list that nobody gave are asked for, each once`() async throws {
        let server = try LoopbackServer(), key = try SigningKey.generate(.ed25519)
        let issuer = "\(server.base)/issuers/1", list = "\(server.base)/status/1", method = issuer + "#key"
        let document = ControllerDocument(id: issuer, methods: [VerificationMethod(id: method, controller: issuer, key: key.publicKey)])
        func signed(_ credential: JSONObject) throws -> [UInt8] {
            let options = ProofOptions(.eddsaRDFC, verificationMethod: method, created: Timestamp("2026-01-15T00:00:01Z"))
            return JSONValue.object(try DataIntegrity.add(options, to: credential, with: key)).serialized()
        }
        let bits = StatusList(.revocation).credential(id: list, issuer: issuer, validFrom: Timestamp("2026-01-15T00:00:00Z")!, ttlSeconds: nil)
        server.serve(["/issuers/1": Self.answer(document.json.serialized()), "/status/1": Self.answer(try signed(bits))])
        let achievement = Achievement(id: "https://a.example.org/1", name: "Argues", description: "Argues.", criteria: .init(narrative: "Two works."))
        var badge = OpenBadgeCredential(
            id: "urn:uuid:0c000000-0000-4000-8000-000000000001", name: "Argues", issuer: Profile(id: issuer),
            validFrom: Timestamp("2026-01-15T00:00:00Z")!,
            subject: AchievementSubject(id: "urn:uuid:0c000000-0000-4000-8000-00000000002a", achievement: achievement))
        badge.status = StatusEntry(.revocation, index: 7, list: list)
        let bytes = try signed(badge.unsigned()), web = fetch(server)
        let verifier = Verifier(keys: web, documents: web, knownIssuers: [issuer], now: Timestamp("2026-06-01T00:00:00Z")!)
        let report = await verifier.verify(bytes)
        #expect(report.combined == .passed, "\(report.checks)")
        #expect(server.asked.sorted() == ["/issuers/1", "/status/1"])
        #expect(await Verifier(now: verifier.now).verify(bytes)[.status]?.outcome == .unchecked)
    }

    @Test func `a redirect is not followed, and neither is an error believed`() async throws {
        let server = try LoopbackServer()
        server.serve([
            "/moved": Self.answer([], "HTTP/1.1 302 Found\r\nLocation: \(server.base)/target\r\nConnection: close\r\n"),
            "/target": Self.answer(Array("{}".utf8)), "/broken": Self.answer([], "HTTP/1.1 500 Oops\r\nConnection: close\r\n"),
        ])
        let web = fetch(server)
        #expect(reason(await web.document(at: server.base + "/moved")) == "unavailable: \(server.base)/moved answered 302")
        #expect(reason(await web.document(at: server.base + "/broken")) == "unavailable: \(server.base)/broken answered 500")
        #expect(reason(await web.document(at: server.base + "/absent")) == "unknown: \(server.base)/absent answered 404")
        #expect(server.asked == ["/moved", "/broken", "/absent"])
    }

    @Test func `more than the limit is not read, said or unsaid`() async throws {
        let server = try LoopbackServer(), long = [UInt8](repeating: 0x20, count: 3000)
        server.serve(["/long": Self.answer(long), "/unsaid": Array("\(Self.ok)\r\n".utf8) + long, "/exact": Self.answer(Array(long.prefix(2048)))])
        let web = fetch(server, bytesMax: 2048)
        #expect(reason(await web.document(at: server.base + "/long")) == "unavailable: \(server.base)/long has more than 2 KiB")
        #expect(reason(await web.document(at: server.base + "/unsaid")) == "unavailable: \(server.base)/unsaid has more than 2 KiB")
        #expect(reason(await web.document(at: server.base + "/exact")) == "found")
    }

    @Test func `nothing is unpacked: a compressed bomb stays as small as it came`() async throws {
        let server = try LoopbackServer(), packed = Gzip.compress([UInt8](repeating: 0, count: 1 << 20))
        server.serve(["/bomb": Self.answer(packed, Self.ok + "Content-Encoding: gzip\r\n")])
        guard case .found(let bytes) = await fetch(server).document(at: server.base + "/bomb") else { Issue.record("not found"); return }
        #expect(bytes == packed)
    }

    @Test func `a host that says nothing, or stops in the middle, is given up on`() async throws {
        let server = try LoopbackServer()
        server.serve(["/half": Array("\(Self.ok)Content-Length: 100\r\n\r\nhalf".utf8)], holding: ["/half", "/silent"])
        let web = fetch(server, limit: .milliseconds(300))
        for path in ["/silent", "/half"] {
            #expect(reason(await web.document(at: server.base + path)).hasPrefix("unavailable: \(server.base)\(path) did not answer within"))
        }
    }

    @Test(arguments: [
        "http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/x", "https://[::1]/", "https://169.254.169.254/latest",
        "https://metadata.google.internal/", "https://records.example.gov:22/", "https://a@records.example.gov/", "file:///etc/passwd",
        "http://records.example.gov/", "urn:uuid:0c000000-0000-4000-8000-000000000001", "did:example:1", "",
    ]) func `an address inside, or of another kind, is not asked`(address: String) async throws {
        let web = CredentialFetch(keys: LocalKeys(), documents: LocalDocuments())
        #expect(reason(await web.document(at: address)).hasPrefix("unknown: \(address) is not asked"))
        #expect(reason(await web.controllerDocument(of: address)).hasPrefix("unknown: "))
    }

    @Test func `one file makes us ask so many addresses and no more`() async throws {
        let server = try LoopbackServer()
        server.serve([:])
        let web = fetch(server)
        for number in 0..<40 { _ = await web.document(at: "\(server.base)/\(number)") }
        #expect(server.asked.count == CredentialFetch.fetchesMax)
        #expect(reason(await web.document(at: server.base + "/39")).contains("too many for one file"))
    }

    @Test func `a document of another id, and a secret key, are no issuer's`() async throws {
        let server = try LoopbackServer(), key = try SigningKey.generate(.p256)
        let id = "\(server.base)/key"
        server.serve([
            "/key": Self.answer(JSONValue.object(key.publicKey.jwk).serialized()),
            "/other": Self.answer(Array(#"{"id":"https://example.org/"}"#.utf8)),
            "/secret": Self.answer(Array(key.fileText.utf8)),
        ])
        let web = fetch(server)
        guard case .found(let document) = await web.controllerDocument(of: id) else { Issue.record("a bare JWK was not taken"); return }
        #expect(document.methods.map(\.key) == [key.publicKey])
        #expect(reason(await web.controllerDocument(of: "\(server.base)/other")).contains("did.document"))
        #expect(reason(await web.controllerDocument(of: "\(server.base)/secret")).contains("key.secret"))
    }
}

/// Answers raw bytes by path, one connection at a time, on a port of its own. Paths that are held stay open afterwards.
final class LoopbackServer: Sendable {
    let base: String
    private let descriptor: Int32
    private struct State {
        var answers: [String: [UInt8]] = [:]
        var holding: Set<String> = []
        var asked: [String] = []
        var held: [Int32] = []
    }
    private let state = Mutex(State())

    var asked: [String] { state.withLock { $0.asked } }

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isUp = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(isUp)
        base = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    }

    func serve(_ answers: [String: [UInt8]], holding: Set<String> = []) {
        state.withLock { $0.answers = answers; $0.holding = holding }
        let thread = Thread { [descriptor, weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                guard let self else { close(client); return }
                self.answer(client)
            }
        }
        thread.start()
    }

    private func answer(_ client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(client, &buffer, buffer.count, 0)
        let path = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self).split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let (bytes, isHeld) = state.withLock { state in
            state.asked.append(path)
            return (state.answers[path], state.holding.contains(path))
        }
        let missing = Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        if let bytes = bytes ?? (isHeld ? nil : missing) { _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
        if isHeld { state.withLock { $0.held.append(client) } } else { close(client) }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        for client in state.withLock({ $0.held }) { close(client) }
    }
}
