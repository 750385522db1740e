import Hummingbird
import Logging
import NIOPosix
import ServiceLifecycle

/// Health, metrics and status over plain HTTP, for probes, Prometheus and operators; not for the open network. One
/// thread, 64 connections, 8 KiB of header, idle connections closed after 20 s; request bodies are not read.
package struct OpsServer: Service {
    private static let connectionLimit = 64
    private static let headerLimitBytes = 8192
    /// One thread, as long as the process lives: a server that has ended may still have a connection to close on it.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let address: ListenAddress
    private let pages: OpsPages
    private let logger: Logger
    private let started: @Sendable (Int) async -> Void

    /// - Parameter started: called with the port once the server listens; with port 0 the system chose it.
    package init(
        address: ListenAddress, pages: OpsPages, logger: Logger,
        started: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.pages = pages
        self.logger = logger
        self.started = started
    }

    /// `CAIRN_<SERVICE>_OPS_LISTEN`, by default this machine only.
    package static func key(service: String, defaultPort: Int) -> ConfigurationKey {
        .address("\(service).ops.listen", default: "127.0.0.1:\(defaultPort)",
                 purpose: "where \(service) answers health checks, Prometheus and operators over plain HTTP")
    }

    /// Until the graceful shutdown. Throws `OpsServerError` when it cannot listen.
    package func run() async throws {
        let application = Application(
            router: router(),
            server: .http1(configuration: .init(
                idleTimeout: .seconds(20),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.headerLimitBytes, maxHeaderListSize: Self.headerLimitBytes,
                    maxHeaderFieldCount: 64))),
            configuration: .init(
                address: .hostname(address.host, port: address.port), backlog: Self.connectionLimit,
                availableConnectionsDelegate: .maximum(Self.connectionLimit, logger: logger)),
            onServerRunning: { [started] channel in await started(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(Self.group),
            logger: logger)
        do {
            try await application.run()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw OpsServerError(address: address, reason: "\(error)")
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        for path in OpsPages.paths {
            router.get(RouterPath(path)) { [pages] _, _ in
                guard let answer = await pages.answer(path) else { throw HTTPError(.notFound) }
                return Response(
                    status: .init(code: answer.status),
                    headers: [.contentType: answer.contentType, .cacheControl: "no-store"],
                    body: .init(byteBuffer: ByteBuffer(string: answer.body)))
            }
        }
        return router
    }
}

/// The ops server could not be had; the variable is CAIRN_<SERVICE>_OPS_LISTEN.
package struct OpsServerError: Error, CustomStringConvertible {
    package let address: ListenAddress
    package let reason: String

    package var description: String {
        "cannot answer health checks at \(address) (set by CAIRN_…_OPS_LISTEN): \(reason)"
    }
}
