/// Memory for bit planes, one bit a learner, least significant first, aligned to a cache line: `planes` times `words`
/// 64-bit words. Its contents are undefined until they are written.
///
/// Shared freely once it is filled: whoever writes holds the only reference (`isKnownUniquelyReferenced`), which is
/// what the unchecked conformance rests on.
final class PlaneBuffer: @unchecked Sendable {
    let planes: Int
    let words: Int
    let base: UnsafeMutableRawPointer

    init(planes: Int, words: Int) {
        self.planes = planes
        self.words = words
        base = .allocate(byteCount: max(64, planes * words * 8), alignment: 64)
    }

    deinit { base.deallocate() }

    static func zeros(words: Int) -> PlaneBuffer {
        let buffer = PlaneBuffer(planes: 1, words: words)
        buffer.base.initializeMemory(as: UInt8.self, repeating: 0, count: words * 8)
        return buffer
    }

    var bits: UnsafeMutablePointer<UInt64> { base.assumingMemoryBound(to: UInt64.self) }
}

/// How planes are laid out for so many learners.
struct PlaneShape: Hashable, Sendable {
    /// What is worked on at a time: all planes of a block together stay in the nearest cache.
    static let blockWords = 64
    static let blockBytes = blockWords * 8
    static let blockLearners = blockWords * 64

    let learners: Int
    var blocks: Int { (learners + Self.blockLearners - 1) / Self.blockLearners }
    /// A whole number of blocks; bits beyond the last learner are zero.
    var words: Int { blocks * Self.blockWords }

    /// Sets the bits beyond the last learner in the last block of a plane to zero.
    func trim(_ lastBlock: UnsafeMutableRawPointer) {
        let words = lastBlock.assumingMemoryBound(to: UInt64.self)
        let inside = learners - (blocks - 1) * Self.blockLearners
        for word in 0..<Self.blockWords where (word + 1) * 64 > inside {
            let left = inside - word * 64
            words[word] = left <= 0 ? 0 : words[word] & (1 << UInt64(left) - 1)
        }
    }
}
