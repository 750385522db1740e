import Crypto
import Domain
import Foundation

/// The key that signs access tokens, and every public key whose tokens still hold.
///
/// Rotation: start with a new key and name the old file among the previous ones; when the last old token has expired
/// (ten minutes and the leeway), drop it. A key's id is its RFC 7638 thumbprint, so that ids never collide or lie.
struct SigningKeys: Sendable {
    let keyID: String
    private let signing: P256.Signing.PrivateKey
    private let accepted: [String: P256.Signing.PublicKey]

    init(signing: P256.Signing.PrivateKey, previous: [P256.Signing.PublicKey] = []) {
        self.signing = signing
        keyID = Self.thumbprint(signing.publicKey)
        accepted = Dictionary(
            ([signing.publicKey] + previous).map { (Self.thumbprint($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameters:
    ///   - pem: a P-256 private key.
    ///   - previousFiles: PEM files, private or public, whose public halves go on verifying.
    init(pem: [UInt8], previousFiles: [String]) throws(GatewaySetupError) {
        guard let text = String(validating: pem, as: UTF8.self),
              let signing = try? P256.Signing.PrivateKey(pemRepresentation: text)
        else { throw .signingKey("CAIRN_GATEWAY_SIGNING_KEY_FILE holds no P-256 private key in PEM") }
        var previous: [P256.Signing.PublicKey] = []
        for file in previousFiles {
            guard let data = FileManager.default.contents(atPath: file), data.count <= 16 << 10,
                  let text = String(validating: data, as: UTF8.self),
                  let key = (try? P256.Signing.PublicKey(pemRepresentation: text))
                    ?? (try? P256.Signing.PrivateKey(pemRepresentation: text))?.publicKey
            else { throw .signingKey("\(file): missing, or not a P-256 key in PEM") }
            previous.append(key)
        }
        self.init(signing: signing, previous: previous)
    }

    /// 64 bytes, r then s (RFC 7518 §3.4). Nil only if the key is unusable.
    func sign(_ bytes: [UInt8]) -> [UInt8]? {
        (try? signing.signature(for: bytes)).map { Array($0.rawRepresentation) }
    }

    func verifies(_ signature: [UInt8], over bytes: [UInt8], by keyID: String) -> Bool {
        guard signature.count == 64, let key = accepted[keyID],
              let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
        return key.isValidSignature(signature, for: bytes)
    }

    func knows(_ keyID: String) -> Bool { accepted[keyID] != nil }

    /// The set as `/.well-known/jwks.json` gives it, the signing key first.
    var keySet: JSONValue {
        let others = accepted.filter { $0.key != keyID }.sorted { $0.key < $1.key }
        let keys = [(key: keyID, value: signing.publicKey)] + others.map { (key: $0.key, value: $0.value) }
        return ["keys": .array(keys.map { id, key in
            let (x, y) = Self.coordinates(key)
            return ["kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y), "kid": .string(id), "alg": "ES256",
                    "use": "sig"]
        })]
    }

    private static func coordinates(_ key: P256.Signing.PublicKey) -> (x: String, y: String) {
        let raw = Array(key.rawRepresentation)
        return (Base64URL.encode(raw.prefix(32)), Base64URL.encode(raw.suffix(32)))
    }

    private static func thumbprint(_ key: P256.Signing.PublicKey) -> String {
        let (x, y) = coordinates(key)
        return Base64URL.encode(SHA256.hash(data: Array(#"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#.utf8)))
    }
}
