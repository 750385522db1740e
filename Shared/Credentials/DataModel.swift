import Domain

/// The version of the W3C data model, told by the first context.
package enum DataModel: String, Sendable {
    case v1 = "https://www.w3.org/2018/credentials/v1"
    case v2 = "https://www.w3.org/ns/credentials/v2"

    init?(of credential: JSONObject) {
        let context = credential["@context"]
        guard let first = (context?.array?.first ?? context)?.text, let model = DataModel(rawValue: first) else { return nil }
        self = model
    }

    var validFrom: String { self == .v1 ? "issuanceDate" : "validFrom" }
    var validUntil: String { self == .v1 ? "expirationDate" : "validUntil" }
    var name: String { self == .v1 ? "1.1" : "2.0" }
}

extension JSONObject {
    /// `issuer` as text or its `id`.
    package var issuerID: String? { self["issuer"]?.text ?? self["issuer"]?["id"]?.text }
    /// `type` as a list, whether it was written as one or not.
    package var types: [String] { self["type"]?.array?.compactMap(\.text) ?? (self["type"]?.text).map { [$0] } ?? [] }
    /// The member as a list, whether it was written as one or not.
    func list(_ name: String) -> [JSONValue] {
        switch self[name] {
        case nil: []
        case .array(let elements)?: elements
        case let value?: [value]
        }
    }
}

extension JSONLimits {
    /// 16 MiB, depth 64, 10 000 members an object, a million values.
    package static let credential = JSONLimits(
        bytesMax: CredentialLimits.documentBytesMax, depthMax: 64, membersMax: 10_000, valuesMax: 1_000_000)
}
