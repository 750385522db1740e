import Domain

/// Takes in learners one after the other. Rows wait in the order they came for at most one chunk of learners, and are
/// then sorted by target; memory beyond the result is bounded by that.
package struct PopulationBuilder {
    private var count = 0
    private var names: [String]?
    private var facts: [Population.Fact] = []
    private var factIndex: [Population.Fact: UInt32] = [:]
    private var targets: [String] = []
    private var targetIndex: [String: Int32] = [:]
    private var zoneIndex: [String: Int32] = [:]
    private var chunks: [Population.Chunk] = []
    private var unknownTargets: Set<Int32>? = []

    /// Of the open chunk, in the order they came.
    private var rowTargets: [Int32] = [], rowLearners: [UInt16] = [], rowFacts: [UInt32] = []
    private var unknown: [Int32: [UInt16]] = [:], unknownEverything: [UInt16] = []
    private var zones: [Int32: [UInt16]] = [:]

    /// - Parameter isNumbered: learners have no names of their own (`Population.Names.numbered`).
    package init(isNumbered: Bool = false) {
        names = isNumbered ? nil : []
    }

    package mutating func add(_ name: String, _ learner: LearnerFacts) {
        precondition(names != nil, "learners of a numbered population have no names")
        names?.append(name)
        add(learner)
    }

    /// For numbered populations.
    package mutating func addNumbered(_ learner: LearnerFacts) {
        precondition(names == nil, "this population's learners have names")
        add(learner)
    }

    private mutating func add(_ learner: LearnerFacts) {
        for attainment in learner.attainments {
            add(target: target(attainment.target), fact: fact(.init(attainment)))
        }
        let number = UInt16(truncatingIfNeeded: count)
        switch learner.unknown {
        case .nothing: break
        case .everything:
            unknownEverything.append(number)
            unknownTargets = nil
        case .targets(let open):
            for open in open.sorted() {
                let open = target(open)
                unknown[open, default: []].append(number)
                unknownTargets?.insert(open)
            }
        }
        for zone in learner.zones.sorted() {
            let known = zoneIndex[zone] ?? Int32(zoneIndex.count)
            zoneIndex[zone] = known
            zones[known, default: []].append(number)
        }
        endLearner()
    }

    // MARK: Row by row, for those who have numbers already

    /// The number of a target, of now on.
    package mutating func target(_ iri: String) -> Int32 {
        if let known = targetIndex[iri] { return known }
        let number = Int32(targets.count)
        targets.append(iri)
        targetIndex[iri] = number
        return number
    }

    /// The number of a fact.
    package mutating func fact(_ fact: Population.Fact) -> UInt32 {
        if let known = factIndex[fact] { return known }
        let number = UInt32(facts.count)
        facts.append(fact)
        factIndex[fact] = number
        return number
    }

    /// An attainment of the learner that is being taken in. The numbers are of `target` and `fact`.
    package mutating func add(target: Int32, fact: UInt32) {
        rowTargets.append(target)
        rowLearners.append(UInt16(truncatingIfNeeded: count))
        rowFacts.append(fact)
    }

    /// What comes next is of the next learner.
    package mutating func endLearner() {
        count += 1
        if count % Population.chunkLearners == 0 { endChunk() }
    }

    package consuming func build() -> Population {
        if count % Population.chunkLearners != 0 { endChunk() }
        return Population(
            count: count, names: names.map { .given($0) } ?? .numbered, facts: facts, targets: targets,
            targetIndex: targetIndex, zoneIndex: zoneIndex, chunks: chunks, unknownTargets: unknownTargets)
    }

    // MARK: Chunks

    /// Sorts by target; within one the order of the learners stays.
    private mutating func endChunk() {
        var starts = [Int](repeating: 0, count: targets.count + 1)
        for target in rowTargets { starts[Int(target) + 1] += 1 }
        for target in targets.indices { starts[target + 1] += starts[target] }
        var next = starts
        var learners = [UInt16](repeating: 0, count: rowTargets.count), lower = learners
        var upper = facts.count > 65_536 ? learners : []
        for row in rowTargets.indices {
            let target = Int(rowTargets[row]), place = next[target]
            next[target] += 1
            learners[place] = rowLearners[row]
            lower[place] = UInt16(truncatingIfNeeded: rowFacts[row])
            if !upper.isEmpty { upper[place] = UInt16(rowFacts[row] >> 16) }
        }
        chunks.append(Population.Chunk(
            starts: starts, learners: learners, facts: lower, upperFacts: upper, unknown: unknown,
            unknownEverything: unknownEverything, zones: zones))
        rowTargets.removeAll(keepingCapacity: true)
        rowLearners.removeAll(keepingCapacity: true)
        rowFacts.removeAll(keepingCapacity: true)
        unknown = [:]
        unknownEverything = []
        zones = [:]
    }
}

extension Population.Fact {
    init(_ attainment: HeldAttainment) {
        self.init(level: attainment.level, credits: attainment.credits, basis: attainment.basis,
                  from: attainment.from, until: attainment.until)
    }
}

extension Population {
    /// Learners with their opaque ids.
    package init(_ learners: some Sequence<(String, LearnerFacts)>) {
        var builder = PopulationBuilder()
        for (name, facts) in learners { builder.add(name, facts) }
        self = builder.build()
    }
}
