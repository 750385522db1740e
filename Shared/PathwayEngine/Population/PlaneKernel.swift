/// The inner loops: one gate over one block of words. Operands and outcome are addresses of as many bytes each, a
/// multiple of `Lane`'s size; the outcome overlaps no operand.
///
/// The lanes are wider than a baseline x86-64 register, which the compiler splits: that hides the loop's own work.
enum PlaneKernel {
    typealias Lane = SIMD16<UInt64>
    typealias Operands = UnsafePointer<UnsafeRawPointer>

    static func run(
        _ step: PlaneGate, _ operands: Operands, into outcome: UnsafeMutableRawPointer, bytes: Int
    ) {
        let flip = step.countsMissing != step.isNegated
        switch step.form {
        case .any where step.isNegated: fold(operands, step.count, outcome, bytes) { ~$0 } with: { $0 | $1 }
        case .any: fold(operands, step.count, outcome, bytes) { $0 } with: { $0 | $1 }
        case .all where step.isNegated: fold(operands, step.count, outcome, bytes) { ~$0 } with: { $0 & $1 }
        case .all: fold(operands, step.count, outcome, bytes) { $0 } with: { $0 & $1 }
        case .one:
            let invert = Narrow(repeating: step.countsMissing ? ~0 : 0), final = Narrow(repeating: flip ? ~0 : 0)
            one(operands, step.count, outcome, bytes, invert, final)
        case .two:
            let invert = Narrow(repeating: step.countsMissing ? ~0 : 0), final = Narrow(repeating: flip ? ~0 : 0)
            two(operands, step.count, outcome, bytes, step.bound, invert, final)
        case .four:
            let invert = Narrow(repeating: step.countsMissing ? ~0 : 0), final = Narrow(repeating: flip ? ~0 : 0)
            four(operands, step.count, outcome, bytes, step.bound, invert, final)
        case .many:
            many(operands, step, outcome, bytes)
        }
    }

    @inline(__always)
    private static func fold(
        _ operands: Operands, _ count: Int, _ outcome: UnsafeMutableRawPointer, _ bytes: Int,
        _ finish: (Lane) -> Lane, with combine: (Lane, Lane) -> Lane
    ) {
        let stride = MemoryLayout<Lane>.size
        var place = 0
        while place < bytes {
            var sum = operands[0].loadUnaligned(fromByteOffset: place, as: Lane.self)
            var number = 1
            while number < count {
                sum = combine(sum, operands[number].loadUnaligned(fromByteOffset: place, as: Lane.self))
                number += 1
            }
            outcome.storeBytes(of: finish(sum), toByteOffset: place, as: Lane.self)
            place += stride
        }
    }

    /// One, and not the other.
    static func without(
        _ one: UnsafeRawPointer, _ other: UnsafeRawPointer, into outcome: UnsafeMutableRawPointer, bytes: Int
    ) {
        var place = 0
        while place < bytes {
            let lane = one.loadUnaligned(fromByteOffset: place, as: Lane.self)
                & ~other.loadUnaligned(fromByteOffset: place, as: Lane.self)
            outcome.storeBytes(of: lane, toByteOffset: place, as: Lane.self)
            place += MemoryLayout<Lane>.size
        }
    }

    // MARK: Counters

    /// Counters hold more digits at a time than and/or do, so their lanes are narrower.
    typealias Narrow = SIMD4<UInt64>

    @inline(__always)
    private static func load(_ operands: Operands, _ number: Int, _ place: Int, _ invert: Narrow) -> Narrow {
        operands[number].loadUnaligned(fromByteOffset: place, as: Narrow.self) ^ invert
    }

    /// Sum digit in `digit`, carry as result.
    @inline(__always)
    static func add(_ digit: inout Narrow, _ one: Narrow, _ other: Narrow) -> Narrow {
        let differ = one ^ other
        let carry = (one & other) | (digit & differ)
        digit ^= differ
        return carry
    }

    @inline(__always)
    static func add(_ digit: inout Narrow, _ one: Narrow) -> Narrow {
        let carry = digit & one
        digit ^= one
        return carry
    }

    private static func one(
        _ operands: Operands, _ count: Int, _ outcome: UnsafeMutableRawPointer, _ bytes: Int, _ invert: Narrow,
        _ final: Narrow
    ) {
        var place = 0
        while place < bytes {
            var ones = load(operands, 0, place, invert), over = Narrow.zero
            var number = 1
            while number < count {
                let next = load(operands, number, place, invert)
                over |= ones & next
                ones |= next
                number += 1
            }
            outcome.storeBytes(of: over ^ final, toByteOffset: place, as: Narrow.self)
            place += MemoryLayout<Narrow>.size
        }
    }

    private static func two(
        _ operands: Operands, _ count: Int, _ outcome: UnsafeMutableRawPointer, _ bytes: Int, _ bound: Int,
        _ invert: Narrow, _ final: Narrow
    ) {
        let start = 4 - bound
        var place = 0
        while place < bytes {
            var ones = Narrow(repeating: start & 1 == 0 ? 0 : ~0), twos = Narrow(repeating: start & 2 == 0 ? 0 : ~0)
            var over = Narrow.zero
            var number = 0
            while number + 1 < count {
                let carry = add(&ones, load(operands, number, place, invert), load(operands, number + 1, place, invert))
                over |= add(&twos, carry)
                number += 2
            }
            if number < count {
                let carry = add(&ones, load(operands, number, place, invert))
                over |= add(&twos, carry)
            }
            outcome.storeBytes(of: over ^ final, toByteOffset: place, as: Narrow.self)
            place += MemoryLayout<Narrow>.size
        }
    }

    private static func four(
        _ operands: Operands, _ count: Int, _ outcome: UnsafeMutableRawPointer, _ bytes: Int, _ bound: Int,
        _ invert: Narrow, _ final: Narrow
    ) {
        let start = 16 - bound
        func digit(_ weight: Int) -> Narrow { Narrow(repeating: start & weight == 0 ? 0 : ~0) }
        var place = 0
        while place < bytes {
            var ones = digit(1), twos = digit(2), fours = digit(4), eights = digit(8), over = Narrow.zero
            var number = 0
            while number + 3 < count {
                let first = add(
                    &ones, load(operands, number, place, invert), load(operands, number + 1, place, invert))
                let second = add(
                    &ones, load(operands, number + 2, place, invert), load(operands, number + 3, place, invert))
                let carry = add(&twos, first, second)
                over |= add(&eights, add(&fours, carry))
                number += 4
            }
            while number < count {
                let carry = add(&twos, add(&ones, load(operands, number, place, invert)))
                over |= add(&eights, add(&fours, carry))
                number += 1
            }
            outcome.storeBytes(of: over ^ final, toByteOffset: place, as: Narrow.self)
            place += MemoryLayout<Narrow>.size
        }
    }

    /// Bounds over 16: as many digits as the bound has, at most 31.
    private static func many(
        _ operands: Operands, _ step: PlaneGate, _ outcome: UnsafeMutableRawPointer, _ bytes: Int
    ) {
        let invert = Narrow(repeating: step.countsMissing ? ~0 : 0)
        let final = Narrow(repeating: step.countsMissing != step.isNegated ? ~0 : 0)
        let width = Int.bitWidth - (step.bound - 1).leadingZeroBitCount
        let start = (1 << width) - step.bound
        withUnsafeTemporaryAllocation(of: Narrow.self, capacity: width) { digits in
            var place = 0
            while place < bytes {
                for number in 0..<width {
                    digits.initializeElement(at: number, to: Narrow(repeating: start >> number & 1 == 0 ? 0 : ~0))
                }
                var over = Narrow.zero
                for number in 0..<step.count {
                    var carry = load(operands, number, place, invert)
                    for position in 0..<width { carry = add(&digits[position], carry) }
                    over |= carry
                }
                outcome.storeBytes(of: over ^ final, toByteOffset: place, as: Narrow.self)
                place += MemoryLayout<Narrow>.size
            }
        }
    }
}
