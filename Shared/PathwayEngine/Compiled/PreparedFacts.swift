import Domain

/// One learner's facts in the numbers of one compiled pathway. What no rule of it reads is kept and never looked at.
struct PreparedFacts: Sendable {
    /// By slot; a slot whose attainment was taken out is not used again.
    private(set) var attainments: [HeldAttainment]
    /// By slot.
    private(set) var facts: [Fact]
    /// The first slot of each target, -1 for none; the others follow by `Fact.next`.
    private(set) var heads: [Int32]
    private(set) var unknown: LearnerFacts.Unknown
    /// By target, when there are such.
    private var unknownTargets: [Bool]
    private(set) var zones: Set<String>

    struct Fact {
        /// Days since 1970.
        var from: Int32
        /// `Int32.max`: never ends.
        var until: Int32
        var next: Int32
        var basis: UInt8
        /// Thousandths.
        var credits: Int64
        var level: LevelKey
    }

    init(_ facts: LearnerFacts, for pathway: CompiledPathway) {
        attainments = facts.attainments
        self.facts = []
        self.facts.reserveCapacity(attainments.count)
        heads = [Int32](repeating: -1, count: pathway.targets.count)
        unknown = facts.unknown
        unknownTargets = []
        zones = facts.zones
        facts.attainments.withUnsafeBufferPointer { attainments in
            for slot in attainments.indices { link(attainments.baseAddress! + slot, slot, pathway) }
        }
        setUnknown(facts.unknown, pathway)
    }

    /// The facts as they were handed in and changed since, in the order of the slots.
    var learnerFacts: LearnerFacts {
        var isLinked = [Bool](repeating: true, count: attainments.count)
        for slot in facts.indices { isLinked[slot] = facts[slot].next != Self.gone }
        let held = zip(attainments, isLinked).filter(\.1).map(\.0)
        return LearnerFacts(held, zones: zones, unknown: unknown)
    }

    private static let gone: Int32 = -2

    @inline(__always) func isUnknown(_ target: Int32) -> Bool {
        switch unknown {
        case .nothing: false
        case .everything: true
        case .targets: unknownTargets[Int(target)]
        }
    }

    // MARK: Changes

    /// Answers the number of the target, nil when no rule reads it.
    mutating func add(_ attainment: HeldAttainment, _ pathway: CompiledPathway) -> Int32? {
        attainments.append(attainment)
        return withUnsafePointer(to: attainment) { link($0, attainments.count - 1, pathway) }
    }

    /// Answers the number of the target, nil when there is no such attainment or no rule reads it.
    mutating func remove(_ id: EntityID<Attainment>, _ pathway: CompiledPathway) -> Int32? {
        guard let slot = facts.indices.first(where: { attainments[$0].id == id && facts[$0].next != Self.gone }) else {
            return nil
        }
        let target = pathway.targetIndex[attainments[slot].target]
        if let target { unlink(Int32(slot), from: target) }
        facts[slot].next = Self.gone
        return target
    }

    mutating func setUnknown(_ unknown: LearnerFacts.Unknown, _ pathway: CompiledPathway) {
        self.unknown = unknown
        guard case .targets(let targets) = unknown else { return }
        unknownTargets = [Bool](repeating: false, count: pathway.targets.count)
        for target in targets {
            if let number = pathway.targetIndex[target] { unknownTargets[Int(number)] = true }
        }
    }

    mutating func setZones(_ zones: Set<String>) { self.zones = zones }

    /// By address, and read member by member: a copy of the whole would count every reference in it.
    @discardableResult
    private mutating func link(
        _ attainment: UnsafePointer<HeldAttainment>, _ slot: Int, _ pathway: CompiledPathway
    ) -> Int32? {
        let target = pathway.targetIndex[attainment.pointee.target]
        let next = target.map { heads[Int($0)] } ?? -1
        facts.append(Fact(
            from: Int32(clamping: attainment.pointee.from.daysSince1970),
            until: attainment.pointee.until.map { Int32(clamping: $0.daysSince1970) } ?? .max, next: next,
            basis: BasisSet(attainment.pointee.basis).rawValue,
            credits: attainment.pointee.credits?.thousandths ?? 0, level: pathway.levels[attainment.pointee.level]))
        if let target { heads[Int(target)] = Int32(slot) }
        return target
    }

    private mutating func unlink(_ slot: Int32, from target: Int32) {
        var before = heads[Int(target)]
        guard before != slot else { return heads[Int(target)] = facts[Int(slot)].next }
        while before >= 0, facts[Int(before)].next != slot { before = facts[Int(before)].next }
        if before >= 0 { facts[Int(before)].next = facts[Int(slot)].next }
    }
}
