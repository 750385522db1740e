import Domain
import HTTPTypes
import ServiceKit

/// What the gateway answers itself, made once at the start.
struct Pages: Sendable {
    private let token: TokenEndpoint
    private let keys: [UInt8]
    private let metadata: [UInt8]
    private let openAPI: [UInt8]
    private let asyncAPI: [UInt8]
    private let docs: [UInt8]

    init(routes: [Route], issuer: String, authority: TokenAuthority, clients: ClientDirectory) {
        token = TokenEndpoint(clients: clients, authority: authority)
        keys = authority.keySet.serialized()
        metadata = TokenEndpoint.metadata(issuer: issuer).serialized()
        openAPI = OpenAPIDocument.make(routes).serialized()
        asyncAPI = AsyncAPIDocument.make().serialized()
        docs = Array(DocsPage.html(routes).utf8)
    }

    func answer(_ page: Route.Page, _ request: EdgeRequest) async throws(Problem) -> EdgeResponse {
        if page != .token, request.announcesBody {
            throw .malformed("body.unexpected", "This method takes no body.")
        }
        switch page {
        case .token: return try await token.answer(request, now: .now)
        case .keys: return cacheable(.json(keys))
        case .metadata: return cacheable(.json(metadata))
        case .openAPI: return cacheable(.json(openAPI))
        case .asyncAPI: return cacheable(.json(asyncAPI))
        case .docs:
            return cacheable(EdgeResponse(status: .ok, fields: [
                .contentType: "text/html; charset=utf-8",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            ], body: .bytes(docs)))
        }
    }

    /// Five minutes: half a token's life, so that a new key is known before the old one is dropped.
    private func cacheable(_ response: EdgeResponse) -> EdgeResponse {
        var response = response
        response.fields[.cacheControl] = "public, max-age=300"
        return response
    }
}
