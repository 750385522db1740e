import Domain
import Foundation
import HTTPTypes
import ServiceKit

/// `POST /oauth/token`: the client credentials grant (RFC 6749 §4.4), by `client_secret_basic` or `client_secret_post`.
struct TokenEndpoint: Sendable {
    static let bodyBytes = 16 << 10

    let clients: ClientDirectory
    let authority: TokenAuthority
    let guesses = GuessLimit()

    func answer(_ request: EdgeRequest, now: Timestamp) async throws(Problem) -> EdgeResponse {
        guard request.mediaType == "application/x-www-form-urlencoded" else {
            return refusal("invalid_request", "Send application/x-www-form-urlencoded.")
        }
        let bytes: [UInt8]
        do throws(Fault) { bytes = try await request.body(Self.bodyBytes) } catch { throw Problem(error) }
        guard let text = String(validating: bytes, as: UTF8.self), let form = try? FormParameters(text) else {
            return refusal("invalid_request", "The form cannot be read.")
        }
        guard form["grant_type"] != nil else { return refusal("invalid_request", "`grant_type` is missing.") }
        guard form["grant_type"] == "client_credentials" else {
            return refusal("unsupported_grant_type", "Only client_credentials is offered.")
        }
        guard form["scope", default: ""].isEmpty else {
            return refusal("invalid_scope", "What a client may do is fixed by its grants; leave `scope` out.")
        }
        guard let (id, secret) = credentials(request.fields, form) else {
            return refusal("invalid_request", "Authenticate once: by HTTP Basic or by client_id and client_secret.")
        }
        return grant(id, secret, peer: request.peer, now: now)
    }

    private func grant(_ id: String, _ secret: String, peer: String, now: Timestamp) -> EdgeResponse {
        let guesser = "\(id.prefix(100))\u{1F}\(peer)"
        // The right secret first: who guesses at somebody's id must not lock the client itself out.
        guard let client = clients.authenticate(id, secret: secret) else {
            let waitSeconds = guesses.waitSeconds(guesser)
            guard waitSeconds == 0 else {
                var response = refusal("slow_down", "Too many failed attempts. Wait.", status: .tooManyRequests)
                response.fields[.retryAfter] = String(waitSeconds)
                return response
            }
            guesses.failed(guesser)
            var response = refusal("invalid_client", "The client is not known by this secret.", status: .unauthorized)
            response.fields[.wwwAuthenticate] = "Basic realm=\"cairn\""
            return response
        }
        guesses.succeeded(guesser)
        let subject = Subject(id: client.subject, grants: client.grants)
        guard let token = authority.issue(to: client.id, subject: subject, at: now) else {
            return refusal("server_error", "No token can be given now.", status: .internalServerError)
        }
        return Self.json([
            "access_token": .string(token), "token_type": "Bearer",
            "expires_in": .number(JSONNumber(AccessToken.lifetimeSeconds)),
        ])
    }

    /// Nil unless the client authenticates in exactly one way.
    private func credentials(_ fields: HTTPFields, _ form: FormParameters) -> (id: String, secret: String)? {
        let headers = fields[values: .authorization]
        if headers.isEmpty {
            guard let id = form["client_id"], let secret = form["client_secret"] else { return nil }
            return (id, secret)
        }
        guard headers.count == 1, form["client_secret"] == nil, headers[0].utf8.count <= 1024,
              headers[0].lowercased().hasPrefix("basic "),
              let data = Data(base64Encoded: headers[0].dropFirst(6).trimmed),
              let text = String(validating: data, as: UTF8.self), let colon = text.firstIndex(of: ":"),
              // RFC 6749 §2.3.1: both are form-encoded before they are joined.
              let id = FormParameters.decode(text[..<colon]),
              let secret = FormParameters.decode(text[text.index(after: colon)...]),
              form["client_id"] == nil || form["client_id"] == id
        else { return nil }
        return (id, secret)
    }

    private func refusal(_ error: String, _ text: String, status: HTTPResponse.Status = .badRequest) -> EdgeResponse {
        var response = Self.json(["error": .string(error), "error_description": .string(text)])
        response.status = status
        return response
    }

    private static func json(_ value: JSONValue) -> EdgeResponse { .json(value.serialized()) }

    /// RFC 8414.
    static func metadata(issuer: String) -> JSONValue {
        [
            "issuer": .string(issuer), "token_endpoint": .string("\(issuer)/oauth/token"),
            "jwks_uri": .string("\(issuer)/.well-known/jwks.json"),
            "grant_types_supported": ["client_credentials"], "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "service_documentation": .string("\(issuer)/docs"),
        ]
    }
}

extension FormParameters {
    subscript(name: String, default value: String) -> String { self[name] ?? value }
}
