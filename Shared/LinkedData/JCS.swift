import Domain

/// JSON Canonicalization Scheme, RFC 8785.
package enum JCS {
    /// Members sorted by UTF-16 code units, numbers as ECMAScript writes the nearest double, no space.
    /// - Throws: `jcs.too_deep`.
    package static func canonicalize(_ value: JSONValue) throws(LinkedDataError) -> [UInt8] {
        throw LinkedDataError(rule: "jcs.not_yet", message: "Being written.")
    }

    /// Reads strictly first (duplicate names, lone surrogates and numbers beyond a double are refused).
    /// - Throws: the reader's rule (`json.…`) or as above.
    package static func canonicalize(
        _ text: [UInt8], limits: JSONLimits = .edge
    ) throws(LinkedDataError) -> [UInt8] {
        throw LinkedDataError(rule: "jcs.not_yet", message: "Being written.")
    }
}
