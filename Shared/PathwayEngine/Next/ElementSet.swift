/// A set of element numbers below a fixed count, one bit each.
struct ElementSet: Hashable, Sendable {
    private(set) var words: [UInt64]

    init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

    func contains(_ element: Int) -> Bool { words[element >> 6] >> UInt64(element & 63) & 1 == 1 }

    mutating func insert(_ element: Int) { words[element >> 6] |= 1 << UInt64(element & 63) }

    mutating func remove(_ element: Int) { words[element >> 6] &= ~(1 << UInt64(element & 63)) }

    mutating func formUnion(_ other: ElementSet) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func isSubset(of other: ElementSet) -> Bool {
        for index in words.indices where words[index] & ~other.words[index] != 0 { return false }
        return true
    }

    func isDisjoint(with other: ElementSet) -> Bool {
        for index in words.indices where words[index] & other.words[index] != 0 { return false }
        return true
    }

    /// The one member that `other` does not hold; nil when there are none or several of them.
    func onlyMember(outside other: ElementSet) -> Int? {
        var found: Int?
        for index in words.indices {
            let rest = words[index] & ~other.words[index]
            guard rest != 0 else { continue }
            guard found == nil, rest & (rest - 1) == 0 else { return nil }
            found = index << 6 + rest.trailingZeroBitCount
        }
        return found
    }

    /// Ascending.
    var members: [Int] {
        var members: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                members.append(index << 6 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return members
    }
}
