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
        /// 1...operands.count
        package var required: Int32
        package var operands: Range<Int32>
        /// `none`: required 1, negated.
        package var isNegated: Bool

        package init(required: Int32, operands: Range<Int32>, isNegated: Bool = false) {
            self.required = required
            self.operands = operands
            self.isNegated = isNegated
        }
    }
}
