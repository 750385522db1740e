/// Compresses into DEFLATE (RFC 1951) with its fixed code, runs of one byte only: status lists are long runs.
struct Deflate {
    private var result: [UInt8] = []
    private var buffer: UInt32 = 0
    private var buffered: UInt32 = 0

    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var deflate = Deflate()
        deflate.put(1, 1)
        deflate.put(1, 2)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            deflate.literal(Int(byte))
            at += 1
            var run = bytes[at...].prefix { $0 == byte }.count
            at += run
            while run >= 3 {
                // Never leaves one or two over, except at the very end of a run.
                let length = min(run, 258)
                deflate.length(length)
                run -= length
            }
            for _ in 0..<run { deflate.literal(Int(byte)) }
        }
        deflate.literal(256)
        if deflate.buffered > 0 { deflate.put(0, 8 - deflate.buffered % 8) }
        return deflate.result
    }

    private mutating func put(_ value: UInt32, _ count: UInt32) {
        buffer |= value << buffered
        buffered += count
        while buffered >= 8 {
            result.append(UInt8(truncatingIfNeeded: buffer))
            buffer >>= 8
            buffered -= 8
        }
    }

    /// Huffman codes are sent with their first bit first.
    private mutating func code(_ value: Int, _ count: UInt32) {
        var reversed: UInt32 = 0
        for bit in 0..<count where value >> Int(bit) & 1 == 1 { reversed |= 1 << (count - 1 - bit) }
        put(reversed, count)
    }

    private mutating func literal(_ symbol: Int) {
        switch symbol {
        case ..<144: code(0x30 + symbol, 8)
        case ..<256: code(0x190 + symbol - 144, 9)
        case ..<280: code(symbol - 256, 7)
        default: code(0xC0 + symbol - 280, 8)
        }
    }

    /// A copy of the byte before, 3 to 258 times.
    private mutating func length(_ length: Int) {
        let table = Self.lengths
        let place = table.lastIndex { $0.base <= length } ?? 0
        literal(257 + place)
        put(UInt32(length - table[place].base), UInt32(table[place].extra))
        code(0, 5)
    }

    private static let lengths: [(base: Int, extra: Int)] = {
        var table: [(base: Int, extra: Int)] = []
        var base = 3
        for place in 0..<28 {
            let extra = place < 8 ? 0 : place / 4 - 1
            table.append((base, extra))
            base += 1 << extra
        }
        return table + [(258, 0)]
    }()
}
