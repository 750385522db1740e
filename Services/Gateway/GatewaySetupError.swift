/// Why the gateway cannot start with the keys it was given. The texts are for the operator; none holds a secret.
enum GatewaySetupError: Error, CustomStringConvertible, Hashable {
    case signingKey(String)

    var description: String {
        switch self {
        case .signingKey(let text): "signing key: \(text)"
        }
    }
}
