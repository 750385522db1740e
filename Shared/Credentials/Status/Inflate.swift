/// Expands DEFLATE (RFC 1951). Every length and distance is checked, and the result never grows past its bound.
struct Inflate {
    private let bytes: [UInt8]
    private let bytesMax: Int
    private var at: Int
    private var buffer: UInt32 = 0
    private var buffered = 0
    private var result: [UInt8] = []

    private static let lengthBase: [Int] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]
    private static let lengthExtra: [Int] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
    private static let distanceBase: [Int] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ]
    private static let codeOrder: [Int] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let fixed: (literals: HuffmanCode, distances: HuffmanCode) = {
        let lengths = (0..<288).map { UInt8($0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8) }
        return (HuffmanCode(lengths)!, HuffmanCode([UInt8](repeating: 5, count: 30))!)
    }()

    init(_ bytes: [UInt8], from start: Int, bytesMax: Int) {
        self.bytes = bytes
        self.bytesMax = bytesMax
        at = start
    }

    /// The first byte after the compressed data.
    var end: Int { at }

    mutating func run() throws(CredentialError) -> [UInt8] {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try stored()
            case 1: try block(Self.fixed.literals, Self.fixed.distances)
            case 2:
                let codes = try dynamicCodes()
                try block(codes.literals, codes.distances)
            default: throw Gzip.malformed("a block has no kind")
            }
        }
        // Whole bytes that were read ahead belong to whoever comes next.
        at -= buffered / 8
        return result
    }

    private mutating func take(_ count: Int) throws(CredentialError) -> Int {
        while buffered < count {
            guard at < bytes.count else { throw Gzip.malformed("it is cut off") }
            buffer |= UInt32(bytes[at]) << UInt32(buffered)
            at += 1
            buffered += 8
        }
        defer {
            buffer >>= UInt32(count)
            buffered -= count
        }
        return Int(buffer & ((1 << UInt32(count)) - 1))
    }

    private mutating func symbol(_ code: HuffmanCode) throws(CredentialError) -> Int {
        var value = 0, first = 0, index = 0
        for length in 1...15 {
            value |= try take(1)
            let count = code.counts[length]
            if value - first < count { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw Gzip.malformed("a code is not in its table")
    }

    private mutating func room(for count: Int) throws(CredentialError) {
        guard result.count + count <= bytesMax else {
            throw CredentialError("gzip.too_large", "The compressed data expands to more than \(bytesMax) bytes.")
        }
    }

    private mutating func stored() throws(CredentialError) {
        at -= buffered / 8
        buffer = 0
        buffered = 0
        guard at + 4 <= bytes.count else { throw Gzip.malformed("it is cut off") }
        let length = Int(bytes[at]) | Int(bytes[at + 1]) << 8, inverse = Int(bytes[at + 2]) | Int(bytes[at + 3]) << 8
        at += 4
        guard length ^ 0xFFFF == inverse, at + length <= bytes.count else { throw Gzip.malformed("a stored block is damaged") }
        try room(for: length)
        result.append(contentsOf: bytes[at..<(at + length)])
        at += length
    }

    private mutating func block(_ literals: HuffmanCode, _ distances: HuffmanCode) throws(CredentialError) {
        while true {
            let symbol = try symbol(literals)
            switch symbol {
            case ..<256:
                try room(for: 1)
                result.append(UInt8(symbol))
            case 256: return
            case ..<286: try copy(symbol - 257, distances)
            default: throw Gzip.malformed("a length is out of range")
            }
        }
    }

    private mutating func copy(_ code: Int, _ distances: HuffmanCode) throws(CredentialError) {
        let length = Self.lengthBase[code] + (try take(Self.lengthExtra[code]))
        let symbol = try symbol(distances)
        guard symbol < Self.distanceBase.count else { throw Gzip.malformed("a distance is out of range") }
        let distance = Self.distanceBase[symbol] + (try take(symbol < 2 ? 0 : symbol / 2 - 1))
        guard distance <= result.count else { throw Gzip.malformed("a distance leads before the beginning") }
        try room(for: length)
        let from = result.count - distance
        for place in from..<(from + length) { result.append(result[place]) }
    }

    private mutating func dynamicCodes() throws(CredentialError) -> (literals: HuffmanCode, distances: HuffmanCode) {
        let literalCount = try take(5) + 257, distanceCount = try take(5) + 1, codeCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw Gzip.malformed("a table is too long") }
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for place in 0..<codeCount { codeLengths[Self.codeOrder[place]] = UInt8(try take(3)) }
        guard let lengthCode = HuffmanCode(codeLengths) else { throw Gzip.malformed("a table is inconsistent") }
        var lengths: [UInt8] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try symbol(lengthCode)
            var value: UInt8 = 0, count = 1
            switch symbol {
            case ..<16: value = UInt8(symbol)
            case 16:
                guard let last = lengths.last else { throw Gzip.malformed("a table repeats nothing") }
                value = last
                count = 3 + (try take(2))
            case 17: count = 3 + (try take(3))
            default: count = 11 + (try take(7))
            }
            guard lengths.count + count <= literalCount + distanceCount else { throw Gzip.malformed("a table is too long") }
            lengths.append(contentsOf: repeatElement(value, count: count))
        }
        guard lengths[256] != 0, let literals = HuffmanCode(Array(lengths[..<literalCount])),
              let distances = HuffmanCode(Array(lengths[literalCount...]))
        else { throw Gzip.malformed("a table is inconsistent") }
        return (literals, distances)
    }
}

/// A canonical Huffman code: how many codes of each length, and their symbols in order.
struct HuffmanCode: Sendable {
    let counts: [Int]
    let symbols: [Int]

    /// Nil when there are more codes than lengths allow. Fewer are accepted: one distance alone is such a code, and a
    /// code that is not there is found when it is used.
    init?(_ lengths: [UInt8]) {
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths { counts[Int(length)] += 1 }
        counts[0] = 0
        var left = 1
        for length in 1...15 {
            left = left << 1 - counts[length]
            guard left >= 0 else { return nil }
        }
        var offsets = [Int](repeating: 0, count: 17)
        for length in 1...15 { offsets[length + 1] = offsets[length] + counts[length] }
        var symbols = [Int](repeating: 0, count: lengths.count)
        for (symbol, length) in lengths.enumerated() where length != 0 {
            symbols[offsets[Int(length)]] = symbol
            offsets[Int(length)] += 1
        }
        self.counts = counts
        self.symbols = symbols
    }
}
