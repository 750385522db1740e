/// Why a text is not acceptable JSON, and where.
package struct JSONError: Error, Hashable, Sendable {
    /// Bytes before the offense.
    package var offset: Int
    /// RFC 6901 pointer to the value being read there.
    package var pointer: String
    /// `json.` and a name in snake case, stable across releases.
    package var rule: String
    package var message: String

    /// `.tooLarge` when a limit was passed, else `.malformed`; with one violation.
    package var fault: Fault {
        let isLimit = [Self.bytes, Self.depth, Self.members, Self.values].contains(rule)
        return Fault(isLimit ? .tooLarge : .malformed, "\(message) (byte \(offset))",
                     violations: [Fault.Violation(pointer, rule, message)])
    }

    static let bytes = "json.too_many_bytes"
    static let depth = "json.too_deep"
    static let members = "json.too_many_members"
    static let values = "json.too_many_values"
}

/// Bounds of one text.
package struct JSONLimits: Sendable, Hashable {
    /// Of the whole text.
    package var bytesMax: Int
    /// Arrays and objects within each other; at most 128, whatever is asked.
    package var depthMax: Int
    /// Of one object.
    package var membersMax: Int
    /// Values of all kinds in the whole text.
    package var valuesMax: Int

    package init(bytesMax: Int, depthMax: Int, membersMax: Int, valuesMax: Int) {
        self.bytesMax = bytesMax
        self.depthMax = min(depthMax, 128)
        self.membersMax = membersMax
        self.valuesMax = valuesMax
    }

    /// Requests: 1 MiB, depth 32, 1000 members an object, 100 000 values.
    package static let edge = JSONLimits(
        bytesMax: 1 << 20, depthMax: 32, membersMax: 1000, valuesMax: 100_000)
    /// Imported files: 64 MiB, depth 64, 10 000 members an object, 4 000 000 values.
    package static let file = JSONLimits(
        bytesMax: 64 << 20, depthMax: 64, membersMax: 10_000, valuesMax: 4_000_000)
}
