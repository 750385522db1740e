import Dispatch

/// The part of a graph that some planes need, as steps over blocks of learners. Every plane of a block has an address:
/// in a column, in what is kept, or in scratch memory that the next block uses again.
struct PlanePlan: Sendable {
    typealias Plane = PlaneGraph.Plane

    enum Step: Sendable {
        case gate(PlaneGate)
        case without
        case sum(PlaneAddition)
    }

    private enum Place: Sendable {
        case constant(Bool)
        case column(PlaneBuffer)
        case kept(Int)
        case scratch(Int)
    }

    let shape: PlaneShape
    private let steps: [Step]
    /// Of all steps, end to end; `firstOperand` has one more entry than there are steps.
    private let operands: [Int]
    private let firstOperand: [Int]
    private let outcomes: [Int]
    private let places: [Place]
    private let placeOf: [Plane: Int]
    private let columnCounts: [Int: Int]
    private let counted: [Plane]
    private let witnessed: [Plane]
    let keptPlanes: Int
    private let scratchPlanes: Int

    /// - Parameters:
    ///   - columns: has every column that the planes need.
    ///   - counted: planes whose bits are counted.
    ///   - witnessed: planes of which the first learners are listed.
    ///   - kept: planes that can be asked afterwards.
    init(
        _ graph: PlaneGraph, _ columns: PopulationColumns, counted: [Plane], witnessed: [Plane] = [], kept: [Plane]
    ) {
        shape = columns.population.shape
        let isKept = Set(kept)
        let needed = Self.needed(graph, counted + witnessed + kept)
        var steps: [Step] = [], operands: [Int] = [], firstOperand = [0], outcomes: [Int] = []
        var places: [Place] = [], placeOf: [Plane: Int] = [:], columnCounts: [Int: Int] = [:]
        var digits: [PopulationColumn: Int] = [:]
        var keptPlanes = 0, scratchPlanes = 0

        func step(_ plane: Plane, _ step: Step, _ of: [Int]) {
            steps.append(step)
            operands += of
            firstOperand.append(operands.count)
            outcomes.append(places.count)
            if isKept.contains(plane) {
                places.append(.kept(keptPlanes))
                keptPlanes += 1
            } else {
                places.append(.scratch(scratchPlanes))
                scratchPlanes += 1
            }
        }
        func digit(_ column: PopulationColumn) -> Int {
            if let known = digits[column] { return known }
            places.append(.column(columns.planes[column]!))
            digits[column] = places.count - 1
            return places.count - 1
        }
        for plane in graph.nodes.indices where needed[plane] {
            let plane = Plane(plane)
            switch graph.nodes[Int(plane)] {
            case .constant(let value): places.append(.constant(value))
            case .column(let column):
                columnCounts[places.count] = columns.counts[column]
                places.append(.column(columns.planes[column]!))
            case .gate(let required, let of, let isNegated):
                step(plane, .gate(PlaneGate(required: Int(required), of: of.count, isNegated: isNegated)),
                     of.map { placeOf[$0]! })
            case .without(let one, let other):
                step(plane, .without, [placeOf[one]!, placeOf[other]!])
            case .reaches(let sum, let atLeast):
                let groups = sum.groups.map { group in
                    PlaneAddition.Group(
                        most: group.most,
                        parts: group.parts.map { part in
                            PlaneAddition.Part(
                                digits: (0..<columns.widths[part.number]!).map { digit(.digit(part.number, Int32($0))) },
                                gate: part.gate == PlaneGraph.yes ? nil : placeOf[part.gate]!)
                        },
                        full: group.full == PlaneGraph.no ? nil : placeOf[group.full]!)
                }
                step(plane, .sum(PlaneAddition(groups: groups, atLeast: atLeast)), [])
            }
            placeOf[plane] = places.count - 1
        }
        self.steps = steps
        self.operands = operands
        self.firstOperand = firstOperand
        self.outcomes = outcomes
        self.places = places
        self.placeOf = placeOf
        self.columnCounts = columnCounts
        self.counted = counted
        self.witnessed = witnessed
        self.keptPlanes = keptPlanes
        self.scratchPlanes = scratchPlanes
    }

    /// What these planes are made of, themselves included.
    static func needed(_ graph: PlaneGraph, _ planes: [Plane]) -> [Bool] {
        var needed = [Bool](repeating: false, count: graph.nodes.count)
        for plane in planes { needed[Int(plane)] = true }
        for plane in graph.nodes.indices.reversed() where needed[plane] {
            switch graph.nodes[plane] {
            case .constant, .column: break
            case .gate(_, let of, _): for operand in of { needed[Int(operand)] = true }
            case .without(let one, let other):
                needed[Int(one)] = true
                needed[Int(other)] = true
            case .reaches(let sum, _):
                for group in sum.groups {
                    needed[Int(group.full)] = true
                    for part in group.parts { needed[Int(part.gate)] = true }
                }
            }
        }
        return needed
    }

    // MARK: Running

    struct Outcome: Sendable {
        /// In the order of `counted`.
        var counts: [Int]
        /// In the order of `witnessed`: the lowest numbers of learners.
        var witnesses: [[Int]]
        /// Block after block, each with all planes that are kept, so that a run writes one stream and not dozens.
        var kept: PlaneBuffer
    }

    /// - Parameters:
    ///   - witnesses: how many learners of each witnessed plane are listed.
    ///   - memory: what an earlier run kept, if nobody looks at it any more; is written over.
    ///   - cores: the blocks are shared out among so many threads, at least 16 to each.
    func run(witnesses: Int, reusing memory: consuming PlaneBuffer?, cores: Int) -> Outcome {
        let kept = memory ?? PlaneBuffer(planes: keptPlanes, words: shape.words)
        let blocks = shape.blocks, parts = max(1, min(cores, blocks / 16))
        var tallies = [PlaneTally?](repeating: nil, count: parts)
        tallies.withUnsafeMutableBufferPointer { tallies in
            // Each part writes its own entry.
            nonisolated(unsafe) let tallies = tallies
            let run = { @Sendable (part: Int) in
                tallies[part] = tally(of: (blocks * part / parts)..<(blocks * (part + 1) / parts), witnesses, kept)
            }
            if parts == 1 { run(0) } else { DispatchQueue.concurrentPerform(iterations: parts, execute: run) }
        }
        let counts = counted.enumerated().map { number, plane in
            known(plane) ?? tallies.reduce(0) { $0 + $1!.total(number) }
        }
        let lists = witnessed.indices.map { list in
            Array(tallies.lazy.flatMap { $0!.witnesses(list) }.prefix(witnesses))
        }
        return Outcome(counts: counts, witnesses: lists, kept: kept)
    }

    private func tally(of blocks: Range<Int>, _ witnesses: Int, _ kept: PlaneBuffer) -> PlaneTally {
        let scratch = PlaneBuffer(planes: scratchPlanes + 2, words: PlaneShape.blockWords)
        let constants = scratch.base + scratchPlanes * PlaneShape.blockBytes
        constants.initializeMemory(as: UInt8.self, repeating: 0, count: PlaneShape.blockBytes)
        (constants + PlaneShape.blockBytes).initializeMemory(as: UInt8.self, repeating: 0xFF, count: PlaneShape.blockBytes)

        var tally = PlaneTally(counted.map { tallied($0) }, witnessed.map { $0 == PlaneGraph.no ? nil : placeOf[$0]! }, witnesses)
        let moving = places.map { place in
            switch place {
            case .constant, .scratch: 0
            case .column: PlaneShape.blockBytes
            case .kept: keptPlanes * PlaneShape.blockBytes
            }
        }
        var addresses = zip(places, moving).map { place, moving -> UnsafeMutableRawPointer in
            let first = switch place {
            case .constant(let value): value ? constants + PlaneShape.blockBytes : constants
            case .column(let buffer): buffer.base
            case .kept(let number): kept.base + number * PlaneShape.blockBytes
            case .scratch(let number): scratch.base + number * PlaneShape.blockBytes
            }
            return first + blocks.lowerBound * moving
        }
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: operands.count + 1) { pointers in
            addresses.withUnsafeMutableBufferPointer { addresses in
                for block in blocks {
                    for (number, operand) in operands.enumerated() {
                        pointers[number] = UnsafeRawPointer(addresses[operand])
                    }
                    evaluate(UnsafePointer(pointers.baseAddress!), addresses)
                    if block == shape.blocks - 1 {
                        for outcome in outcomes { shape.trim(addresses[outcome]) }
                        shape.trim(constants + PlaneShape.blockBytes)
                    }
                    tally.add(addresses, firstLearner: block * PlaneShape.blockLearners)
                    for place in addresses.indices { addresses[place] += moving[place] }
                }
            }
        }
        return tally
    }

    private func evaluate(
        _ pointers: PlaneKernel.Operands, _ addresses: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>
    ) {
        for number in steps.indices {
            let outcome = addresses[outcomes[number]], operands = pointers + firstOperand[number]
            switch steps[number] {
            case .gate(let gate):
                PlaneKernel.run(gate, operands, into: outcome, bytes: PlaneShape.blockBytes)
            case .without:
                PlaneKernel.without(operands[0], operands[1], into: outcome, bytes: PlaneShape.blockBytes)
            case .sum(let addition):
                PlaneKernel.run(addition, UnsafePointer(addresses.baseAddress!), into: outcome, bytes: PlaneShape.blockBytes)
            }
        }
    }

    /// The count of what need not be counted again.
    private func known(_ plane: Plane) -> Int? {
        switch plane {
        case PlaneGraph.no: 0
        case PlaneGraph.yes: shape.learners
        default: columnCounts[placeOf[plane]!]
        }
    }

    private func tallied(_ plane: Plane) -> Int? { known(plane) == nil ? placeOf[plane]! : nil }

    // MARK: Asking

    /// One bit of a plane that was kept.
    func bit(_ plane: Plane, _ learner: Int, _ kept: PlaneBuffer) -> Bool {
        let block = learner / PlaneShape.blockLearners
        let words: UnsafeMutableRawPointer
        switch places[placeOf[plane]!] {
        case .constant(let value): return value
        case .column(let buffer): words = buffer.base + block * PlaneShape.blockBytes
        case .kept(let number): words = kept.base + (block * keptPlanes + number) * PlaneShape.blockBytes
        case .scratch: preconditionFailure("plane \(plane) was not kept")
        }
        let inBlock = learner % PlaneShape.blockLearners
        return words.assumingMemoryBound(to: UInt64.self)[inBlock >> 6] >> UInt64(inBlock & 63) & 1 == 1
    }
}
