/// What is taken from each block besides planes: counts, and the first learners. Equal planes are looked at once.
struct PlaneTally {
    private var counters: [(place: Int, counter: PlaneCounter)] = []
    private let counterOf: [Int?]
    private var lists: [(place: Int, learners: [Int])] = []
    private let listOf: [Int?]
    private let limit: Int

    /// Places; nil for what need not be counted, and for nobody.
    init(_ counted: [Int?], _ witnessed: [Int?], _ limit: Int) {
        self.limit = limit
        let (places, counterOf) = Self.distinct(counted)
        counters = places.map { ($0, PlaneCounter()) }
        self.counterOf = counterOf
        let (shown, listOf) = Self.distinct(limit > 0 ? witnessed : [])
        lists = shown.map { ($0, []) }
        self.listOf = limit > 0 ? listOf : witnessed.map { _ in nil }
    }

    private static func distinct(_ places: [Int?]) -> (distinct: [Int], numbers: [Int?]) {
        var distinct: [Int] = [], numbers: [Int: Int] = [:]
        let all = places.map { place -> Int? in
            guard let place else { return nil }
            if let known = numbers[place] { return known }
            numbers[place] = distinct.count
            distinct.append(place)
            return distinct.count - 1
        }
        return (distinct, all)
    }

    func total(_ counted: Int) -> Int { counterOf[counted].map { counters[$0].counter.total } ?? 0 }

    func witnesses(_ witnessed: Int) -> [Int] { listOf[witnessed].map { lists[$0].learners } ?? [] }

    mutating func add(_ addresses: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>, firstLearner: Int) {
        for number in counters.indices { counters[number].counter.add(addresses[counters[number].place]) }
        for number in lists.indices where lists[number].learners.count < limit {
            let block = addresses[lists[number].place], words = block.assumingMemoryBound(to: UInt64.self)
            guard Self.hasBits(block) else { continue }
            for word in 0..<PlaneShape.blockWords where lists[number].learners.count < limit {
                var bits = words[word]
                while bits != 0, lists[number].learners.count < limit {
                    lists[number].learners.append(firstLearner + word * 64 + bits.trailingZeroBitCount)
                    bits &= bits - 1
                }
            }
        }
    }

    private static func hasBits(_ block: UnsafeRawPointer) -> Bool {
        var some = PlaneKernel.Lane.zero
        for place in stride(from: 0, to: PlaneShape.blockBytes, by: MemoryLayout<PlaneKernel.Lane>.size) {
            some |= block.loadUnaligned(fromByteOffset: place, as: PlaneKernel.Lane.self)
        }
        return some != .zero
    }
}
