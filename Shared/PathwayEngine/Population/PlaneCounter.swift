/// Counts the bits of planes, eight lanes at a time by carry-save adders, so that only every eighth is really counted.
struct PlaneCounter {
    private typealias Lane = PlaneKernel.Narrow
    private var ones = Lane.zero, twos = Lane.zero, fours = Lane.zero
    private var eights = Lane.zero

    /// One block, from its first word on.
    mutating func add(_ block: UnsafeRawPointer) {
        let size = MemoryLayout<PlaneKernel.Narrow>.size
        func lane(_ number: Int) -> PlaneKernel.Narrow {
            block.loadUnaligned(fromByteOffset: number * size, as: PlaneKernel.Narrow.self)
        }
        // Worked on in registers, not in memory.
        var (ones, twos, fours, eights) = (ones, twos, fours, eights)
        var first = 0
        while first < PlaneShape.blockBytes / size {
            let a = Self.add(&ones, lane(first), lane(first + 1)), b = Self.add(&ones, lane(first + 2), lane(first + 3))
            let c = Self.add(&ones, lane(first + 4), lane(first + 5))
            let d = Self.add(&ones, lane(first + 6), lane(first + 7))
            let e = Self.add(&twos, a, b), f = Self.add(&twos, c, d)
            eights &+= Self.bits(Self.add(&fours, e, f))
            first += 8
        }
        (self.ones, self.twos, self.fours, self.eights) = (ones, twos, fours, eights)
    }

    var total: Int {
        Int((eights &* 8 &+ Self.bits(fours) &* 4 &+ Self.bits(twos) &* 2 &+ Self.bits(ones)).wrappedSum())
    }

    @inline(__always)
    private static func add(
        _ digit: inout PlaneKernel.Narrow, _ one: PlaneKernel.Narrow, _ other: PlaneKernel.Narrow
    ) -> PlaneKernel.Narrow {
        let differ = one ^ other
        let carry = (one & other) | (digit & differ)
        digit ^= differ
        return carry
    }

    /// Of each word.
    @inline(__always)
    private static func bits(_ lane: PlaneKernel.Narrow) -> PlaneKernel.Narrow {
        var sum = lane &- ((lane &>> 1) & 0x5555_5555_5555_5555)
        sum = (sum & 0x3333_3333_3333_3333) &+ ((sum &>> 2) & 0x3333_3333_3333_3333)
        sum = (sum &+ (sum &>> 4)) & 0x0F0F_0F0F_0F0F_0F0F
        sum = sum &+ (sum &>> 8)
        sum = sum &+ (sum &>> 16)
        return (sum &+ (sum &>> 32)) & 0xFF
    }
}
