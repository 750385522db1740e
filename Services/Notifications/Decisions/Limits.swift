import Domain

/// Bounds of what callers send, and the words for those who go beyond.
enum Limits {
    /// 1...200, 50 when absent.
    static func page(_ limit: Int?) throws(Fault) -> Int {
        let limit = limit ?? Page<Done>.limitDefault
        guard (1...Page<Done>.limitMax).contains(limit) else {
            throw .invalid("/limit", "limit", "must be 1 to \(Page<Done>.limitMax)")
        }
        return limit
    }

    /// A sequence of a feed, as its decimal string.
    static func sequence(_ text: String, at pointer: String) throws(Fault) -> Int64 {
        guard !text.isEmpty, text.utf8.count <= 19, text.utf8.allSatisfy({ (48...57).contains($0) }),
              let value = Int64(text)
        else { throw .invalid(pointer, "sequence.format", "must be a sequence: decimal digits") }
        return value
    }
}
