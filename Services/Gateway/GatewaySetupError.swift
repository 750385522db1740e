/// Why the gateway cannot start as it was set up. The texts are for the operator; none holds a secret.
enum GatewaySetupError: Error, CustomStringConvertible, Hashable {
    case signingKey(String)
    case listen(String)

    var description: String {
        switch self {
        case .signingKey(let text): "signing key: \(text)"
        case .listen(let text): text
        }
    }
}
