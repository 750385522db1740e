/// Why the gateway cannot start. The texts are for the operator; none holds a secret.
enum GatewaySetupError: Error, CustomStringConvertible, Hashable {
    case signingKey(String)

    var description: String {
        switch self {
        case .signingKey(let text): "signing key: \(text)"
        }
    }
}
