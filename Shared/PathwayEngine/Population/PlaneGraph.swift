/// What has to be computed of planes, each distinct thing once: whatever two pathways, two versions or two parts of a
/// condition have in common is one node. Two-valued: a truth of three values is a pair of planes, `Certain`.
struct PlaneGraph: Sendable {
    /// The number of a node; operands have lower numbers than what is made of them.
    typealias Plane = Int32

    enum Node: Hashable, Sendable {
        case constant(Bool)
        case column(PopulationColumn)
        /// At least so many of the operands, or fewer than that when negated. Operands are sorted.
        case gate(required: Int32, operands: [Plane], isNegated: Bool)
        case without(Plane, Plane)
        /// The sum is at least so much, in the sum's unit.
        case reaches(PlaneSum, Int64)
    }

    static let no: Plane = 0
    static let yes: Plane = 1

    private(set) var nodes: [Node] = [.constant(false), .constant(true)]
    private var index: [Node: Plane] = [.constant(false): no, .constant(true): yes]

    mutating func add(_ node: Node) -> Plane {
        if let known = index[node] { return known }
        let plane = Plane(nodes.count)
        nodes.append(node)
        index[node] = plane
        return plane
    }

    mutating func any(_ operands: [Plane]) -> Plane { atLeast(1, of: operands) }
    mutating func all(_ operands: [Plane]) -> Plane { atLeast(operands.count, of: operands) }
    mutating func not(_ plane: Plane) -> Plane { atLeast(1, of: [plane], isNegated: true) }

    mutating func without(_ plane: Plane, _ other: Plane) -> Plane {
        if plane == other || plane == Self.no || other == Self.yes { return Self.no }
        if other == Self.no { return plane }
        if plane == Self.yes { return not(other) }
        return add(.without(plane, other))
    }

    /// Constants are worked in at once; an operand that is there twice counts twice.
    mutating func atLeast(_ count: Int, of given: [Plane], isNegated: Bool = false) -> Plane {
        var operands = given.filter { $0 != Self.no && $0 != Self.yes }
        let required = count - given.count { $0 == Self.yes }
        if required <= 0 { return isNegated ? Self.no : Self.yes }
        if required > operands.count { return isNegated ? Self.yes : Self.no }
        operands.sort()
        if operands.count == 1 {
            guard isNegated else { return operands[0] }
            if case .gate(let required, let inner, let isNegated) = nodes[Int(operands[0])] {
                return inner.count == 1
                    ? inner[0] : add(.gate(required: required, operands: inner, isNegated: !isNegated))
            }
        }
        return add(.gate(required: Int32(required), operands: operands, isNegated: isNegated))
    }
}

/// A truth over a population: who is a yes, and who may be one (yes or unknown). Equal planes where nothing is unknown.
struct CertainPlanes: Hashable, Sendable {
    var yes: PlaneGraph.Plane
    var possible: PlaneGraph.Plane

    init(_ yes: PlaneGraph.Plane, _ possible: PlaneGraph.Plane) {
        self.yes = yes
        self.possible = possible
    }

    static let no = CertainPlanes(PlaneGraph.no, PlaneGraph.no)
}

/// A sum of numbers of a population that are kept bit-sliced, with caps.
struct PlaneSum: Hashable, Sendable {
    /// Of what is counted, in thousandths of a credit: everything that is added, and every cap, is a multiple of it.
    var unit: Int64
    var groups: [Group]

    struct Group: Hashable, Sendable {
        /// In units; nil: without bound.
        var most: Int64?
        var parts: [Part]
        /// Where this plane is set the group counts as full; `no` where only what is known is added.
        var full: PlaneGraph.Plane
    }

    struct Part: Hashable, Sendable {
        var number: PopulationNumber
        /// Who has it added.
        var gate: PlaneGraph.Plane
    }
}
