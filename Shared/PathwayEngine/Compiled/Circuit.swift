import Domain

/// Threshold gates over three-valued leaves, in an order in which each gate comes after its operands.
package struct Circuit: Hashable, Sendable {
    /// Nodes 0..<leaves are leaves; node leaves + i is gates[i].
    package var leaves: Int
    package var gates: [Gate]
    /// Operand lists of the gates, end to end: node numbers lower than the gate's own; one named twice counts twice.
    package var operands: [Int32]

    package init(leaves: Int, gates: [Gate] = [], operands: [Int32] = []) {
        self.leaves = leaves
        self.gates = gates
        self.operands = operands
    }

    package struct Gate: Hashable, Sendable {
        /// 1...operands.count.
        package var required: Int32
        /// Into `Circuit.operands`.
        package var operands: Range<Int32>
        /// `none`: required 1, and the outcome turned round.
        package var isNegated: Bool

        package init(required: Int32, operands: Range<Int32>, isNegated: Bool = false) {
            self.required = required
            self.operands = operands
            self.isNegated = isNegated
        }
    }

    package var nodes: Int { leaves + gates.count }

    /// Appends a gate over nodes that are there already, and answers its node.
    package mutating func add(required: Int, of nodes: [Int32], isNegated: Bool = false) -> Int32 {
        let start = Int32(operands.count)
        operands += nodes
        gates.append(Gate(
            required: Int32(required), operands: start..<Int32(operands.count), isNegated: isNegated))
        return Int32(leaves + gates.count - 1)
    }

    /// No gate is negated: one more true leaf never makes anything false.
    package var isMonotone: Bool { !gates.contains(where: \.isNegated) }

    /// The truth of every node, leaves first, from that of the leaves. The plain reading of the definition.
    package func truths(of leafTruths: [Truth]) -> [Truth] {
        var truths = leafTruths
        truths.reserveCapacity(nodes)
        for gate in gates {
            var yes = 0, unknown = 0
            for operand in operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)] {
                switch truths[Int(operand)] {
                case .yes: yes += 1
                case .unknown: unknown += 1
                case .no: break
                }
            }
            let reached = Truth.atLeast(Int(gate.required), yes: yes, unknown: unknown)
            truths.append(gate.isNegated ? !reached : reached)
        }
        return truths
    }
}
