/// JSON between our own processes and in the database: sorted keys, no escaped slashes, absent instead of null.
///
/// Written and read by coders of our own, because Foundation's were a fifth of the work of a judgment. The bytes are
/// those that `JSONEncoder` wrote with `.sortedKeys` and `.withoutEscapingSlashes`, so what was stored before reads on.
package enum Wire {
    /// Arrays and objects within each other, both ways: what is written can be read.
    static let depthMax = 511

    /// Precondition: the value encodes; a number that is not finite and nesting past 511 do not.
    package static func encode(_ value: some Encodable) -> [UInt8] {
        do { return try WireWriter.bytes(of: value) } catch {
            preconditionFailure("a wire type must encode: \(type(of: value)): \(error)")
        }
    }

    /// Unknown members are ignored; of two members with the same name the first counts.
    /// - Throws: `JSONError` for what is not JSON by RFC 8259 in UTF-8 without a byte order mark, or is nested deeper
    ///   than 511; `DecodingError` with the coding path for JSON of another shape; what the type itself throws.
    package static func decode<T: Decodable>(_: T.Type = T.self, from bytes: [UInt8]) throws -> T {
        let text = try WireText(bytes)
        return try text.decode(T.self, at: text.root)
    }
}
