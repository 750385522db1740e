import Crypto
import Domain

/// ecdsa-sd-2023 (VC-DI-ECDSA 1.0 §3.4–3.6), the holder's derived proofs only: what a learner shows of a credential in
/// part. We check them and do not make them.
enum SelectiveDisclosure {
    /// The signature over what had to be shown, the key made for this credential, and one signature for each other statement.
    struct DerivedProof {
        var base: [UInt8]
        var ephemeralKey: [UInt8]
        var signatures: [[UInt8]]
        /// Canonical label → the label the issuer hashed it to.
        var labels: [Int: [UInt8]]
        var mandatory: [Int]
    }

    /// - Throws: `proof.value` for a proof that is no derived one.
    static func verify(
        _ proof: JSONObject, of document: JSONObject, key: PublicKey
    ) throws(CredentialError) -> Bool {
        guard case .p256 = key else {
            throw CredentialError("proof.key_kind", "ecdsa-sd-2023 needs a P-256 key; the proof names one of kind \(key.kind).")
        }
        guard let text = proof["proofValue"]?.text, text.utf8.count <= CredentialLimits.documentBytesMax, text.utf8.first == UInt8(ascii: "u"),
              let bytes = Multibase.decode(text)
        else { throw malformed("It must be multibase text beginning with u.") }
        let derived = try DerivedProof(bytes)
        guard let ephemeral = try? PublicKey(multikeyBytes: derived.ephemeralKey), case .p256 = ephemeral else {
            throw malformed("Its own key is no P-256 key.")
        }
        var config = proof
        config["proofValue"] = nil
        config["@context"] = document["@context"]
        let (mandatory, others) = try statements(of: document, derived)
        guard others.count == derived.signatures.count else { return false }
        let signed = Array(SHA256.hash(data: try Canonical.rdf(config))) + derived.ephemeralKey
            + Array(SHA256.hash(data: Array(mandatory.joined())))
        guard key.isValid(derived.base, for: signed) else { return false }
        return zip(others, derived.signatures).allSatisfy { ephemeral.isValid($1, for: Array($0)) }
    }

    /// The canonical lines under the issuer's labels, those that had to be shown and the others.
    private static func statements(
        of document: JSONObject, _ derived: DerivedProof
    ) throws(CredentialError) -> (mandatory: [[UInt8]], others: [[UInt8]]) {
        let canonical = try Canonical.labeled(document)
        var lines: [[UInt8]] = []
        for line in canonical.nquads.split(separator: 0x0A) { lines.append(try relabeled(line, derived.labels) + [0x0A]) }
        lines.sort { $0.lexicographicallyPrecedes($1) }
        let chosen = Set(derived.mandatory)
        guard chosen.count == derived.mandatory.count, derived.mandatory.allSatisfy({ lines.indices.contains($0) }) else {
            throw malformed("It names statements that are not there.")
        }
        var mandatory: [[UInt8]] = [], others: [[UInt8]] = []
        for (place, line) in lines.enumerated() {
            if chosen.contains(place) { mandatory.append(line) } else { others.append(line) }
        }
        return (mandatory, others)
    }

    /// One canonical line with `_:c14nN` replaced. Literals are left alone: a blank node's label stands outside quotes.
    private static func relabeled(_ line: ArraySlice<UInt8>, _ labels: [Int: [UInt8]]) throws(CredentialError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(line.count + 64)
        let prefix = Array("_:c14n".utf8)
        var at = line.startIndex, quoted = false, bracketed = false
        while at < line.endIndex {
            let byte = line[at]
            if quoted, byte == UInt8(ascii: "\\"), at + 1 < line.endIndex {
                result.append(contentsOf: line[at...(at + 1)])
                at += 2
                continue
            }
            if byte == UInt8(ascii: "\""), !bracketed { quoted.toggle() }
            if !quoted, byte == UInt8(ascii: "<") { bracketed = true }
            if !quoted, byte == UInt8(ascii: ">") { bracketed = false }
            if !quoted, !bracketed, line[at...].starts(with: prefix) {
                let digits = line[(at + prefix.count)...].prefix { (48...57).contains($0) }
                guard digits.count < 10, let number = Int(String(decoding: digits, as: UTF8.self)), let label = labels[number] else {
                    throw malformed("It has no label for a node of the document.")
                }
                result.append(contentsOf: Array("_:".utf8) + label)
                at = digits.endIndex
                continue
            }
            result.append(byte)
            at += 1
        }
        return result
    }

    fileprivate static func malformed(_ why: String) -> CredentialError {
        CredentialError("proof.value", "The proofValue of ecdsa-sd-2023 cannot be read. \(why)", at: "/proof/proofValue")
    }
}

extension SelectiveDisclosure.DerivedProof {
    private static let header: [UInt8] = [0xD9, 0x5D, 0x01]

    init(_ bytes: [UInt8]) throws(CredentialError) {
        guard bytes.starts(with: Self.header) else {
            throw SelectiveDisclosure.malformed("Only derived proofs are checked; this is another kind.")
        }
        var reader = CBORReader(bytes[Self.header.count...])
        guard reader.array() == 5, let base = reader.bytes(), base.count == 64, let key = reader.bytes(), key.count <= 64,
              let signatureCount = reader.array(), signatureCount <= bytes.count / 64 else { throw SelectiveDisclosure.malformed("") }
        var signatures: [[UInt8]] = []
        for _ in 0..<signatureCount {
            guard let signature = reader.bytes(), signature.count == 64 else { throw SelectiveDisclosure.malformed("") }
            signatures.append(signature)
        }
        var labels: [Int: [UInt8]] = [:]
        guard let labelCount = reader.map(), labelCount <= bytes.count else { throw SelectiveDisclosure.malformed("") }
        for _ in 0..<labelCount {
            guard let number = reader.number(), let hash = reader.bytes(), hash.count == 32, labels[number] == nil else {
                throw SelectiveDisclosure.malformed("")
            }
            labels[number] = Array(Multibase.base64(hash).utf8)
        }
        guard let mandatoryCount = reader.array(), mandatoryCount <= bytes.count else { throw SelectiveDisclosure.malformed("") }
        var mandatory: [Int] = []
        for _ in 0..<mandatoryCount {
            guard let place = reader.number() else { throw SelectiveDisclosure.malformed("") }
            mandatory.append(place)
        }
        guard reader.isAtEnd else { throw SelectiveDisclosure.malformed("") }
        self.init(base: base, ephemeralKey: key, signatures: signatures, labels: labels, mandatory: mandatory)
    }
}

/// The few kinds of CBOR (RFC 8949) such a proof has, definite lengths only.
private struct CBORReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number() -> Int? { head(0) }
    mutating func array() -> Int? { head(4) }
    mutating func map() -> Int? { head(5) }

    mutating func bytes() -> [UInt8]? {
        guard let count = head(2), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    private mutating func head(_ kind: UInt8) -> Int? {
        guard let first = rest.popFirst(), first >> 5 == kind else { return nil }
        switch first & 31 {
        case let small where small < 24: return Int(small)
        case 24: return bigEndian(1)
        case 25: return bigEndian(2)
        case 26: return bigEndian(4)
        default: return nil
        }
    }

    private mutating func bigEndian(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
    }
}
