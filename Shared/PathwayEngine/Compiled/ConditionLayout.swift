/// The conditions of all components laid out flat, for the one who says how far each is.
final class ConditionLayout: Sendable {
    /// One condition without what is nested in it. Operands of a kind keep the order of the document.
    struct Part: Sendable {
        var required: Int
        var operands: Int
        var isNone: Bool
        /// Into `nodes` and `ids`.
        var components: Range<Int>
        /// Into `ConditionLayout.constraints`.
        var constraints: Range<Int>
        /// How many conditions are nested in it.
        var nested: Int
    }

    /// What is nested comes before what it is in, the last one first.
    let parts: [Part]
    /// The parts of each component, in the order of the document; the outermost is the last one.
    let ofComponent: [Range<Int>]
    /// Of each component that is an operand: its node and its id.
    let nodes: [Int32]
    let ids: [String]
    /// The ids of each part, shared by all who have the same to say of all of them.
    let allIDs: [[String]]
    /// Numbers of constraints.
    let constraints: [Int]

    init(_ compiler: PathwayCompiler) {
        var parts: [Part] = [], ofComponent: [Range<Int>] = [], constraints: [Int] = []
        var nodes: [Int32] = [], ids: [String] = [], allIDs: [[String]] = []
        for component in compiler.componentParts {
            let first = parts.count
            for part in component.reversed() {
                let firstComponent = nodes.count, firstConstraint = constraints.count
                for operand in part.operands {
                    switch operand {
                    case .component(let number):
                        nodes.append(compiler.componentNode[number])
                        ids.append(compiler.document.components[number].id)
                    case .constraint(let number): constraints.append(number)
                    case .nested: break
                    }
                }
                let components = firstComponent..<nodes.count, own = firstConstraint..<constraints.count
                allIDs.append(Array(ids[components]))
                parts.append(Part(
                    required: part.required, operands: part.operands.count, isNone: part.isNone, components: components,
                    constraints: own, nested: part.operands.count - components.count - own.count))
            }
            ofComponent.append(first..<parts.count)
        }
        (self.parts, self.ofComponent, self.constraints) = (parts, ofComponent, constraints)
        (self.nodes, self.ids, self.allIDs) = (nodes, ids, allIDs)
    }
}
