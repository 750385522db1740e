import AsyncHTTPClient
import NIOCore

extension HTTPClient.Configuration {
    /// Seconds to connect, and seconds for the whole exchange.
    package static let connectSeconds: Int64 = 5, exchangeSeconds: Int64 = 15

    /// For a stranger's address: HTTP/1.1 to the address that was looked at and no other, with everything switched off that
    /// could lead elsewhere or grow: no redirects, no proxies, no decompression. A failed connection is for the caller's own
    /// schedule, not for a loop inside the client.
    package static func pinned(_ host: String, to address: PublicAddress) -> Self {
        var configuration = Self(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(connectSeconds), read: .seconds(exchangeSeconds)), decompression: .disabled)
        configuration.dnsOverride = [host: address.text]
        configuration.httpVersion = .http1Only
        configuration.proxy = nil
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
