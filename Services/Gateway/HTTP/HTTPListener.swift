import Domain
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceKit
import ServiceLifecycle

/// The HTTP/1.1 server before the pipeline; Hummingbird reads and writes, `Edge` decides. TLS ends before it.
struct HTTPListener: Service {
    static let connectionsMax = 4096

    let address: ListenAddress
    let edge: Edge
    let logger: Logger
    var deadlines = ConnectionDeadlines.Limits()
    /// Called with the port once the server listens.
    var started: @Sendable (Int) async -> Void = { _ in }

    /// Until the graceful shutdown. Throws `GatewaySetupError.listen` when it cannot listen.
    func run() async throws {
        let deadlines = deadlines
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            responder: EdgeResponder(edge: edge),
            server: .http1(configuration: .init(
                additionalChannelHandlers: [ConnectionDeadlines(limits: deadlines)],
                httpDecoderConfiguration: .init(
                    // Somewhat above our own bound, which answers with a problem; this one just ends the connection.
                    maxHeaderFieldSize: 2 * EdgeLimits.fieldBytes, maxHeaderListSize: 2 * EdgeLimits.fieldBytes,
                    maxHeaderFieldCount: 200))),
            configuration: .init(
                address: .hostname(address.host, port: address.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionsMax, logger: quiet)),
            onServerRunning: { [started] channel in await started(channel.localAddress?.port ?? 0) },
            logger: quiet)
        do { try await application.run() } catch let error as IOError {
            throw GatewaySetupError.listen(
                "cannot take requests at \(address) (set by CAIRN_GATEWAY_LISTEN): \(String(cString: strerror(error.errnoCode)))")
        }
    }
}

private struct EdgeResponder: HTTPResponder {
    let edge: Edge

    struct Context: InitializableFromSource {
        let peer: String

        init(source: ApplicationRequestContextSource) {
            peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
        }
    }

    func respond(to request: HummingbirdCore.Request, context: Context) async throws -> HummingbirdCore.Response {
        let body = request.body
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        let answer = await edge.respond(to: EdgeRequest(
            method: request.method, target: request.head.path ?? "", fields: request.headers, peer: context.peer,
            body: { limit throws(Fault) in
                guard announced <= limit else { throw Self.tooLarge(limit) }
                return try await Self.collect(body, limit)
            }))
        switch answer.body {
        case .bytes(let bytes):
            if request.method == .head {
                var fields = answer.fields
                fields[.contentLength] = String(bytes.count)
                return HummingbirdCore.Response(status: answer.status, headers: fields)
            }
            return HummingbirdCore.Response(
                status: answer.status, headers: answer.fields, body: Self.body(bytes, until: answer.expires))
        case .stream(let chunks):
            return HummingbirdCore.Response(status: answer.status, headers: answer.fields, body: .init { writer in
                for await chunk in chunks { try await writer.write(ByteBuffer(bytes: chunk)) }
                try await writer.finish(nil)
            })
        }
    }

    /// A body that came too late breaks the connection off, and the client asks again.
    private static func body(_ bytes: [UInt8], until expires: ContinuousClock.Instant?) -> ResponseBody {
        guard let expires else { return bytes.isEmpty ? .init() : .init(byteBuffer: ByteBuffer(bytes: bytes)) }
        return .init(contentLength: bytes.count) { writer in
            guard .now < expires else { throw Expired() }
            try await writer.write(ByteBuffer(bytes: bytes))
            try await writer.finish(nil)
        }
    }

    private struct Expired: Error {}

    private static func collect(_ body: RequestBody, _ limit: Int) async throws(Fault) -> [UInt8] {
        do {
            let buffer = try await body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge(limit)
        } catch {
            throw Fault(.malformed, "The body broke off.")
        }
    }

    private static func tooLarge(_ limit: Int) -> Fault {
        Fault(.tooLarge, "The body is larger than \(limit) bytes.")
    }
}
