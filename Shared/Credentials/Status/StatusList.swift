import Domain

/// A list of ours: bits, and which places are taken. Places are given at random, so that a neighbor's number tells
/// nothing about when or to whom a credential was issued.
package struct StatusList: Sendable {
    package let purpose: StatusPurpose
    package private(set) var bits: BitString
    package private(set) var taken: BitString

    /// - Parameter count: places, a multiple of 8, at least `BitString.bitsMin`.
    package init(_ purpose: StatusPurpose, count: Int = BitString.bitsMin) {
        precondition(count >= BitString.bitsMin)
        self.purpose = purpose
        bits = BitString(bits: count)
        taken = BitString(bits: count)
    }

    package var count: Int { bits.bits }
    package var takenCount: Int { taken.bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// A free place, each with the same chance. Nil when half are taken: a fuller list is easier to guess in, so begin
    /// another.
    package mutating func assign(using generator: inout some RandomNumberGenerator) -> Int? {
        guard takenCount < count / 2 else { return nil }
        while true {
            let index = Int.random(in: 0..<count, using: &generator)
            guard taken.value(at: index) == 0 else { continue }
            taken.set(index, to: true)
            return index
        }
    }

    /// - Throws: `status.range` for a place not taken, `status.irreversible` when a revocation would be undone.
    package mutating func set(_ index: Int, to isSet: Bool) throws(CredentialError) {
        guard taken.value(at: index) == 1 else {
            throw CredentialError("status.range", "Place \(index) of the list was never assigned.")
        }
        guard isSet || purpose != .revocation || bits.value(at: index) == 0 else {
            throw CredentialError("status.irreversible", "A revocation cannot be undone; issue the credential anew.")
        }
        bits.set(index, to: isSet)
    }

    /// The list credential, still without a proof.
    /// - Parameter ttlSeconds: how long readers may keep it.
    package func credential(
        id: String, issuer: String, validFrom: Timestamp, validUntil: Timestamp? = nil, ttlSeconds: Int? = nil
    ) -> JSONObject {
        var subject: JSONObject = [
            "id": .string("\(id)#list"), "type": "BitstringStatusList", "statusPurpose": .string(purpose.rawValue),
            "encodedList": .string(bits.encoded),
        ]
        subject["ttl"] = ttlSeconds.map { .number(JSONNumber(Int64($0) * 1000)) }
        var credential: JSONObject = [
            "@context": [.string(DataModel.v2.rawValue)], "id": .string(id),
            "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": .string(issuer),
            "validFrom": .string(validFrom.description),
        ]
        credential["validUntil"] = validUntil.map { .string($0.description) }
        credential["credentialSubject"] = .object(subject)
        return credential
    }
}

/// The list as it is kept between commands: our own file, not the credential.
extension StatusList {
    package var json: JSONValue {
        ["purpose": .string(purpose.rawValue), "bits": .string(bits.encoded), "taken": .string(taken.encoded)]
    }

    /// - Throws: `status.malformed` and what the encodings throw.
    package init(_ json: JSONValue) throws(CredentialError) {
        guard let purpose = json["purpose"]?.text.flatMap(StatusPurpose.init), let bits = json["bits"]?.text,
              let taken = json["taken"]?.text
        else { throw CredentialError("status.malformed", "This is no status list of ours: it needs purpose, bits and taken.") }
        self.purpose = purpose
        self.bits = try BitString(encoded: bits)
        self.taken = try BitString(encoded: taken)
        guard self.bits.bits == self.taken.bits else {
            throw CredentialError("status.malformed", "bits and taken have different lengths.")
        }
    }
}
