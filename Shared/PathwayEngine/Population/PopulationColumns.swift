/// A plane that is read from a population and computed from nothing else.
enum PopulationColumn: Hashable, Sendable {
    /// Who has an attainment of a target that says one of these facts; the second number is of `FactSets`.
    case held(target: Int32, facts: Int32)
    /// Whose record of a target is not known completely.
    case unknown(target: Int32)
    case zone(Int32)
    /// A binary digit of a number.
    case digit(PopulationNumber, Int32)
}

/// For each learner the sum of the credits of all attainments of a target that say one of these facts.
struct PopulationNumber: Hashable, Sendable {
    var target: Int32
    /// Of `FactSets`.
    var facts: Int32
    /// Thousandths; every sum is a multiple of it.
    var unit: Int64
}

/// Sets of a population's facts, each distinct one once.
struct FactSets: Sendable {
    private(set) var sets: [[Bool]] = []
    private var index: [[UInt64]: Int32] = [:]

    /// Nil for the empty set.
    mutating func add(_ contains: [Bool]) -> Int32? {
        var words = [UInt64](repeating: 0, count: (contains.count + 63) / 64)
        var isEmpty = true
        for (number, isIn) in contains.enumerated() where isIn {
            words[number >> 6] |= 1 << UInt64(number & 63)
            isEmpty = false
        }
        if isEmpty { return nil }
        if let known = index[words] { return known }
        let number = Int32(sets.count)
        sets.append(contains)
        index[words] = number
        return number
    }
}

/// The columns that were made so far from one population: a rule that is edited needs only those that are new. One bit
/// a learner and column, an eighth of a megabyte for a million learners.
package struct PopulationColumns: Sendable {
    package let population: Population
    var factSets = FactSets()
    private(set) var planes: [PopulationColumn: PlaneBuffer] = [:]
    /// How many bits of a column are set.
    private(set) var counts: [PopulationColumn: Int] = [:]
    /// How many digits a number has.
    private(set) var widths: [PopulationNumber: Int] = [:]

    package init(_ population: Population) {
        self.population = population
    }

    package var count: Int { planes.count }
    package var bytes: Int { planes.count * population.shape.words * 8 }

    /// Makes those that are missing.
    mutating func add(columns: some Sequence<PopulationColumn>) {
        var held: [Int32: [PopulationColumn]] = [:]
        for column in Set(columns) where planes[column] == nil {
            switch column {
            case .held(let target, _): held[target, default: []].append(column)
            case .unknown(let target): keep(column, unknown(target))
            case .zone(let zone): keep(column, marked { $0.zones[zone] ?? [] })
            case .digit: preconditionFailure("digits are made with their number")
            }
        }
        for (target, columns) in held { addHeld(target, columns) }
    }

    private mutating func keep(_ column: PopulationColumn, _ plane: PlaneBuffer) {
        planes[column] = plane
        var counter = PlaneCounter()
        for block in 0..<population.shape.blocks { counter.add(plane.base + block * PlaneShape.blockBytes) }
        counts[column] = counter.total
    }

    private func marked(_ learners: (Population.Chunk) -> [UInt16]) -> PlaneBuffer {
        let plane = PlaneBuffer.zeros(words: population.shape.words)
        for (number, chunk) in population.chunks.enumerated() {
            let words = plane.bits + number * (Population.chunkLearners / 64)
            for learner in learners(chunk) { words[Int(learner) >> 6] |= 1 << UInt64(learner & 63) }
        }
        return plane
    }

    private func unknown(_ target: Int32) -> PlaneBuffer {
        marked { $0.unknownEverything + ($0.unknown[target] ?? []) }
    }

    // MARK: Facts

    /// Eight columns of a target at a time: a byte a learner takes up what the rows say, and is then spread over them.
    private mutating func addHeld(_ target: Int32, _ columns: [PopulationColumn]) {
        for first in stride(from: 0, to: columns.count, by: 8) {
            let some = Array(columns[first..<min(first + 8, columns.count)])
            let table = table(of: some)
            let made = some.map { _ in PlaneBuffer.zeros(words: population.shape.words) }
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Population.chunkLearners / 8) { bytes in
                for (number, chunk) in population.chunks.enumerated() {
                    let rows = chunk.rows(of: target)
                    guard !rows.isEmpty else { continue }
                    bytes.initialize(repeating: 0)
                    Self.collect(chunk, rows, table, into: UnsafeMutableRawBufferPointer(bytes))
                    let word = number * (Population.chunkLearners / 64)
                    let words = min(Population.chunkLearners / 64, population.shape.words - word)
                    for (place, plane) in made.enumerated() {
                        Self.spread(bytes, place, into: plane.bits + word, words: words)
                    }
                }
            }
            for (column, plane) in zip(some, made) { keep(column, plane) }
        }
    }

    /// For each fact a bit for each of the columns that count it.
    private func table(of columns: [PopulationColumn]) -> [UInt8] {
        var table = [UInt8](repeating: 0, count: population.facts.count)
        for (place, column) in columns.enumerated() {
            guard case .held(_, let facts) = column else { continue }
            for (fact, isIn) in factSets.sets[Int(facts)].enumerated() where isIn { table[fact] |= 1 << UInt8(place) }
        }
        return table
    }

    private static func collect(
        _ chunk: Population.Chunk, _ rows: Range<Int>, _ table: [UInt8], into bytes: UnsafeMutableRawBufferPointer
    ) {
        let bytes = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
        table.withUnsafeBufferPointer { table in
            chunk.learners.withUnsafeBufferPointer { learners in
                chunk.facts.withUnsafeBufferPointer { facts in
                    if chunk.upperFacts.isEmpty {
                        let table = table.baseAddress!
                        for row in rows { bytes[Int(learners[row])] |= table[Int(facts[row])] }
                    } else {
                        for row in rows { bytes[Int(learners[row])] |= table[chunk.fact(row)] }
                    }
                }
            }
        }
    }

    /// One bit of each byte, as whole words.
    private static func spread(
        _ bytes: UnsafeMutableBufferPointer<UInt64>, _ place: Int, into words: UnsafeMutablePointer<UInt64>, words count: Int
    ) {
        let bytes = bytes.baseAddress!
        for word in 0..<count {
            var gathered: UInt64 = 0
            for part in 0..<8 {
                // The product brings the lowest bits of eight bytes together in its highest byte.
                let bits = (bytes[word * 8 + part] &>> UInt64(place)) & 0x0101_0101_0101_0101
                gathered |= ((bits &* 0x0102_0408_1020_4080) &>> 56) &<< UInt64(part * 8)
            }
            words[word] = gathered
        }
    }

    // MARK: Numbers

    /// Makes the digits of those that are missing.
    mutating func add(numbers: some Sequence<PopulationNumber>) {
        for number in Set(numbers) where widths[number] == nil {
            let digits = digits(of: number)
            widths[number] = digits.count
            for (place, digit) in digits.enumerated() { keep(.digit(number, Int32(place)), digit) }
        }
    }

    private func digits(of number: PopulationNumber) -> [PlaneBuffer] {
        let set = factSets.sets[Int(number.facts)]
        let amounts = population.facts.enumerated().map { fact, says in
            set[fact] ? (says.credits?.thousandths ?? 0) / number.unit : 0
        }
        var digits: [PlaneBuffer] = []
        var sums = [Int64](repeating: 0, count: Population.chunkLearners)
        for (place, chunk) in population.chunks.enumerated() {
            let rows = chunk.rows(of: number.target)
            for row in rows { sums[Int(chunk.learners[row])] += amounts[chunk.fact(row)] }
            let word = place * (Population.chunkLearners / 64)
            for row in rows {
                let learner = Int(chunk.learners[row]), sum = sums[learner]
                guard sum != 0 else { continue }
                sums[learner] = 0
                while digits.count < Int64.bitWidth - sum.leadingZeroBitCount {
                    digits.append(.zeros(words: population.shape.words))
                }
                for digit in 0..<(Int64.bitWidth - sum.leadingZeroBitCount) where sum >> Int64(digit) & 1 == 1 {
                    digits[digit].bits[word + learner >> 6] |= 1 << UInt64(learner & 63)
                }
            }
        }
        return digits
    }
}
