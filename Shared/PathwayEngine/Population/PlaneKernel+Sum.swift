extension PlaneKernel {
    /// Adds up and compares, bit-sliced: digit by digit for the learners of one lane at a time.
    /// - Parameter places: where everything that the addition names is in this block.
    static func run(
        _ addition: PlaneAddition, _ places: UnsafePointer<UnsafeMutableRawPointer>,
        into outcome: UnsafeMutableRawPointer, bytes: Int
    ) {
        let width = addition.width
        withUnsafeTemporaryAllocation(of: Narrow.self, capacity: 2 * width) { memory in
            let total = UnsafeMutableBufferPointer(rebasing: memory[..<width])
            let sum = UnsafeMutableBufferPointer(rebasing: memory[width...])
            var place = 0
            while place < bytes {
                total.initialize(repeating: .zero)
                var endless = Narrow.zero
                for group in addition.groups {
                    sum.initialize(repeating: .zero)
                    for part in group.parts { add(part, places, place, to: sum) }
                    let full = group.full.map {
                        places[$0].loadUnaligned(fromByteOffset: place, as: Narrow.self)
                    } ?? .zero
                    if let most = group.most {
                        limit(sum, to: most, where: reaches(sum, most) | full)
                    } else {
                        endless |= full
                    }
                    var carry = Narrow.zero
                    for digit in 0..<width { carry = add(&total[digit], sum[digit], carry) }
                }
                outcome.storeBytes(of: reaches(total, addition.atLeast) | endless, toByteOffset: place, as: Narrow.self)
                place += MemoryLayout<Narrow>.size
            }
        }
    }

    private static func add(
        _ part: PlaneAddition.Part, _ places: UnsafePointer<UnsafeMutableRawPointer>, _ place: Int,
        to sum: UnsafeMutableBufferPointer<Narrow>
    ) {
        let gate = part.gate.map { places[$0].loadUnaligned(fromByteOffset: place, as: Narrow.self) }
            ?? Narrow(repeating: ~0)
        var carry = Narrow.zero, digit = 0
        for number in part.digits {
            let next = places[number].loadUnaligned(fromByteOffset: place, as: Narrow.self) & gate
            carry = add(&sum[digit], next, carry)
            digit += 1
        }
        while digit < sum.count {
            carry = add(&sum[digit], carry)
            digit += 1
        }
    }

    /// The number that the digits make is at least the value.
    private static func reaches(_ digits: UnsafeMutableBufferPointer<Narrow>, _ value: Int64) -> Narrow {
        guard value > 0 else { return Narrow(repeating: ~0) }
        guard Int64.bitWidth - value.leadingZeroBitCount <= digits.count else { return .zero }
        var reached = Narrow(repeating: ~0)
        for digit in 0..<digits.count {
            reached = value >> Int64(digit) & 1 == 1 ? digits[digit] & reached : digits[digit] | reached
        }
        return reached
    }

    /// Puts the value where the mask is set.
    private static func limit(
        _ digits: UnsafeMutableBufferPointer<Narrow>, to value: Int64, where mask: Narrow
    ) {
        for digit in 0..<digits.count {
            digits[digit] = value >> Int64(digit) & 1 == 1 ? digits[digit] | mask : digits[digit] & ~mask
        }
    }
}
