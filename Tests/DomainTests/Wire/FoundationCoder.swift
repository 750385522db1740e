import Foundation

/// What `Wire` was until it had coders of its own, and what it is held against.
enum FoundationCoder {
    static func encode(_ value: some Encodable) -> [UInt8] {
        (try? encodeOrThrow(value)) ?? Array("does not encode".utf8)
    }

    static func encodeOrThrow(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    static func decode<T: Decodable>(_: T.Type = T.self, from bytes: [UInt8]) throws -> T {
        try JSONDecoder().decode(T.self, from: Data(bytes))
    }
}
