import AsyncHTTPClient
import Credentials
import Domain
import Egress
import NIOCore
import ServiceKit
import Synchronization

/// Issuers' documents and status lists from the web, for `verify --fetch` alone. What was given as a file is never asked
/// for. An address in a credential is a stranger's word, so: https on port 443 or 8443, a registered name all of whose
/// addresses are public, the connection to the one that was looked at, no redirects, no proxies, no decompression.
final class CredentialFetch: KeyResolver, DocumentSource {
    static let totalLimit = Duration.seconds(HTTPClient.Configuration.exchangeSeconds)
    static let bytesMax = 64 << 10
    /// Addresses asked for one file; a CLR of thousands must not make us ask thousands of hosts.
    static let fetchesMax = 32

    private let keys: LocalKeys
    private let documents: LocalDocuments
    private let resolver = Resolver()
    private let loopbackAllowed: Bool
    private let bytesMax: Int
    private let limit: Duration
    /// Each address is asked once, whatever it answers.
    private let answers = Mutex<[String: Resolution<[UInt8]>]>([:])

    /// - Parameter loopbackAllowed: for tests: addresses of this machine, and plain http to them.
    init(
        keys: LocalKeys, documents: LocalDocuments, loopbackAllowed: Bool = false,
        bytesMax: Int = CredentialFetch.bytesMax, limit: Duration = CredentialFetch.totalLimit
    ) {
        self.keys = keys
        self.documents = documents
        self.loopbackAllowed = loopbackAllowed
        self.bytesMax = bytesMax
        self.limit = limit
    }

    func controllerDocument(of id: String) async -> Resolution<ControllerDocument> {
        if case .found(let document) = await keys.controllerDocument(of: id) { return .found(document) }
        let address: String
        do { address = try DID(id).map { (did) throws(CredentialError) in try did.webAddress() } ?? id } catch {
            return .unknown(error.message)
        }
        switch await get(address) {
        case .found(let bytes):
            do { return .found(try ControllerDocument(try JSONValue.parse(bytes), expected: id)) } catch {
                return .unknown("what \(address) has is no document of \(id): \(error)")
            }
        case .unknown(let reason): return .unknown(reason)
        case .unavailable(let reason): return .unavailable(reason)
        }
    }

    func document(at url: String) async -> Resolution<[UInt8]> {
        if case .found(let bytes) = await documents.document(at: url) { return .found(bytes) }
        return await get(url)
    }

    private func get(_ address: String) async -> Resolution<[UInt8]> {
        if let known = answers.withLock({ $0[address] }) { return known }
        guard answers.withLock({ $0.count }) < Self.fetchesMax else {
            return .unavailable("\(address) was not asked: more than \(Self.fetchesMax) addresses are too many for one file")
        }
        let answer = await fetch(address)
        answers.withLock { $0[address] = answer }
        return answer
    }

    private func fetch(_ address: String) async -> Resolution<[UInt8]> {
        let url: PublicURL
        switch PublicURL.parse(address, loopbackAllowed: loopbackAllowed) {
        case .success(let parsed): url = parsed
        case .failure(let problem): return .unknown("\(address) is not asked: an address \(problem.message)")
        }
        let pinned: PublicAddress
        do throws(Resolver.Failure) { pinned = try await resolver.reachable(url) } catch {
            return .unavailable("\(url.text) cannot be asked: \(error.reason)")
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .pinned(url.host, to: pinned))
        // A body that trickles in is cut off as well, and its connection with it.
        let end = await bounded(by: limit) { [bytesMax] in try await Self.ask(url, of: client, bytesMax: bytesMax) }
        try? await client.shutdown()
        switch end {
        case .finished(let answer): return answer
        case .timedOut, .cancelled: return .unavailable("\(url.text) did not answer within \(limit.spoken)")
        case .threw: return .unavailable("\(url.text) could not be reached")
        }
    }

    private static func ask(_ url: PublicURL, of client: HTTPClient, bytesMax: Int) async throws -> Resolution<[UInt8]> {
        var request = HTTPClientRequest(url: url.text)
        request.headers.add(name: "accept", value: "application/json, application/did+json, application/vc+jwt;q=0.9, */*;q=0.1")
        let response = try await client.execute(request, timeout: .seconds(HTTPClient.Configuration.exchangeSeconds), logger: nil)
        guard response.status == .ok else {
            let isGone = [404, 410].contains(response.status.code)
            let reason = "\(url.text) answered \(response.status.code)"
            return isGone ? .unknown(reason) : .unavailable(reason)
        }
        do { return .found(Array(try await response.body.collect(upTo: bytesMax).readableBytesView)) } catch is NIOTooManyBytesError {
            return .unavailable("\(url.text) has more than \(bytesMax >> 10) KiB")
        }
    }
}
