/// One statement with its values. Every interpolated value becomes `$n` and a binary parameter of its own type:
///
///     let find: SQL = "SELECT name, born FROM learner WHERE id = \(id)"
///
/// Raw text needs a label, `\(unescaped:)`; a name is quoted by `\(identifier:)`; another `SQL` is spliced in
/// with its parameters renumbered. A fault in a value (U+0000 in text, too many parameters) is kept and
/// thrown by whoever executes the statement, before anything is sent.
package struct SQL: Sendable {
    package private(set) var text: String
    var parameters: Parameters

    /// Statements, clauses or conditions put together with a raw separator such as `" AND "`.
    package static func joined(_ parts: [SQL], separator: String) -> SQL {
        var joined = StringInterpolation(literalCapacity: 0, interpolationCount: 0)
        for (index, part) in parts.enumerated() {
            if index > 0 { joined.appendLiteral(separator) }
            joined.appendInterpolation(part)
        }
        return SQL(stringInterpolation: joined)
    }

    /// Thrown instead of sending; nil if the statement can be sent.
    var fault: StorageError? {
        if let fault = parameters.fault { return fault }
        if text.utf8.contains(0) { return .refused(sqlState: "42601", message: "a statement contains U+0000") }
        return parameters.count > Parameters.maxCount || parameters.bytes.count > Parameters.maxBytes
            ? .tooLarge : nil
    }
}

extension SQL: ExpressibleByStringInterpolation, CustomStringConvertible {
    package init(stringLiteral text: String) {
        self.text = text
        parameters = Parameters()
    }

    package init(stringInterpolation built: StringInterpolation) {
        text = built.text
        parameters = built.parameters
    }

    /// The text with its placeholders, never the values.
    package var description: String { text }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var parameters = Parameters()

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 4)
            parameters.reserve(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            place(type: Value.postgresType.oid) { bytes throws(StorageError) in
                try value.writePostgres(into: &bytes)
            }
        }

        /// nil is NULL of the wrapped type.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            guard let value else { return place(type: Value.postgresType.oid, value: nil) }
            appendInterpolation(value)
        }

        package mutating func appendInterpolation(_ other: SQL) {
            var rest = other.text.utf8[...]
            let start = other.text.utf8.startIndex
            for (number, place) in other.parameters.places.enumerated() {
                let dollar = other.text.utf8.index(start, offsetBy: Int(place))
                text += Substring(rest[..<dollar])
                parameters.places.append(Int32(truncatingIfNeeded: text.utf8.count))
                parameters.copy(number, of: other.parameters)
                text += "$\(parameters.count)"
                rest = other.text.utf8[other.text.utf8.index(dollar, offsetBy: 1 + decimalDigits(number + 1))...]
            }
            text += Substring(rest)
            parameters.fault = parameters.fault ?? other.parameters.fault
        }

        package mutating func appendInterpolation(unescaped raw: String) { text += raw }

        package mutating func appendInterpolation(identifier name: String) { text += quoted(identifier: name) }

        private mutating func place(
            type: UInt32, value: ((inout [UInt8]) throws(StorageError) -> Void)?
        ) {
            parameters.places.append(Int32(truncatingIfNeeded: text.utf8.count))
            parameters.append(type: type, value)
            text += "$\(parameters.count)"
        }
    }
}

/// The values of one statement in one flat buffer: pointers are only made for the call that sends them.
struct Parameters: Sendable {
    /// The protocol counts parameters in 16 bits.
    static let maxCount = 65_535
    static let maxBytes = 64 << 20

    private(set) var bytes: [UInt8] = []
    private(set) var types: [UInt32] = []
    private var offsets: [Int] = []
    /// −1 is NULL.
    private var lengths: [Int32] = []
    /// Where in the text each `$n` stands, in UTF-8 bytes.
    fileprivate(set) var places: [Int32] = []
    fileprivate(set) var fault: StorageError?

    var count: Int { types.count }

    fileprivate mutating func reserve(_ count: Int) {
        types.reserveCapacity(count)
        offsets.reserveCapacity(count)
        lengths.reserveCapacity(count)
        places.reserveCapacity(count)
        bytes.reserveCapacity(count * 16)
    }

    fileprivate mutating func append(type: UInt32, _ write: ((inout [UInt8]) throws(StorageError) -> Void)?) {
        let start = bytes.count
        types.append(type)
        offsets.append(start)
        do throws(StorageError) {
            try write?(&bytes)
        } catch {
            fault = fault ?? error
        }
        if bytes.count > Self.maxBytes { fault = fault ?? .tooLarge }
        lengths.append(write == nil ? -1 : Int32(truncatingIfNeeded: bytes.count - start))
    }

    fileprivate mutating func copy(_ number: Int, of other: Parameters) {
        let length = other.lengths[number]
        let start = other.offsets[number]
        types.append(other.types[number])
        offsets.append(bytes.count)
        lengths.append(length)
        if length > 0 { bytes.append(contentsOf: other.bytes[start..<start + Int(length)]) }
    }

    /// Lends the arrays libpq wants: values (NULL is a nil pointer), lengths, formats (all binary).
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> R
    ) -> R {
        if count == 0 { return body(nil, nil, nil) }
        return bytes.withUnsafeBytes { raw in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: count) { formats in
                    // An empty value must still have an address: a nil pointer would mean NULL.
                    let base = raw.baseAddress ?? UnsafeRawPointer(formats.baseAddress.unsafelyUnwrapped)
                    for index in 0..<count {
                        formats.initializeElement(at: index, to: 1)
                        values.initializeElement(
                            at: index,
                            to: lengths[index] < 0
                                ? nil : (base + offsets[index]).assumingMemoryBound(to: CChar.self))
                    }
                    return lengths.withUnsafeBufferPointer {
                        body(values.baseAddress, $0.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}

/// `"na""me"`: a name as PostgreSQL reads it back unchanged.
func quoted(identifier name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

private func decimalDigits(_ number: Int) -> Int {
    var digits = 1
    var rest = number
    while rest >= 10 {
        rest /= 10
        digits += 1
    }
    return digits
}
