import Domain

/// Which component needs which, read off the conditions. All walks are iterative: a chain of ten thousand components
/// must not become ten thousand stack frames.
struct PathwayGraph {
    let components: [PathwayDocument.Component]
    /// By id; of two components with one id, which the check refuses, the first.
    let index: [String: Int]
    /// For each component the components its condition names, directly or in nested conditions, without unknown ids.
    let needs: [[Need]]
    /// For each component those that its constraints are over. They are measured, never waited for, so that no cycle
    /// runs through them.
    let measures: [[Int]]

    struct Need {
        var component: Int
        /// The way through the condition: indices into `of`.
        var path: [Int]
    }

    init(_ document: PathwayDocument) {
        components = document.components
        let index = Dictionary(
            document.components.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.index = index
        measures = document.components.map { $0.condition.map { Self.measured($0, index) } ?? [] }
        needs = document.components.map { component in
            guard let condition = component.condition else { return [] }
            return condition.parts().flatMap { part in
                part.condition.of.enumerated().compactMap { place, operand -> Need? in
                    guard case .component(let id) = operand, let needed = index[id] else { return nil }
                    return Need(component: needed, path: part.path + [place])
                }
            }
        }
    }

    /// The components that the constraints of a condition are over, nested ones included.
    private static func measured(_ condition: PathwayDocument.Condition, _ index: [String: Int]) -> [Int] {
        condition.parts().flatMap { part in
            part.condition.of.flatMap { operand -> [Int] in
                guard case .constraint(let constraint) = operand else { return [] }
                return constraint.over.compactMap { index[$0] }
            }
        }
    }

    /// The components in an order in which each comes after all it needs. On a cycle, which the check refuses, the
    /// one that was met first comes last.
    var dependenciesFirst: [Int] {
        var order: [Int] = []
        walk { order.append($0) }
        return order
    }

    /// Each cycle that a walk in document order runs into: the needs along it, the last one leading back to the
    /// first. At most `limit`; breaking them all may uncover more.
    func cycles(limit: Int) -> [[(component: Int, need: Need)]] {
        var cycles: [[(component: Int, need: Need)]] = []
        walk(closing: { chain in if cycles.count < limit { cycles.append(chain) } }, leaving: { _ in })
        return cycles
    }

    /// What is needed for `roots` or measured on the way to them, they themselves included.
    func reachable(from roots: [Int]) -> Set<Int> {
        var reached = Set(roots), open = roots
        while let next = open.popLast() {
            for needed in needs[next].map(\.component) + measures[next] where reached.insert(needed).inserted {
                open.append(needed)
            }
        }
        return reached
    }

    /// Depth first, with a stack of our own. `closing` hears of each need that leads back into the chain being
    /// walked; `leaving` of each component after all it needs.
    private func walk(
        closing: (_ chain: [(component: Int, need: Need)]) -> Void = { _ in }, leaving: (Int) -> Void
    ) {
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: components.count)
        for root in components.indices where marks[root] == .new {
            var chain: [(component: Int, next: Int)] = [(root, 0)]
            marks[root] = .open
            while let (component, next) = chain.last {
                guard next < needs[component].count else {
                    marks[component] = .done
                    leaving(component)
                    chain.removeLast()
                    continue
                }
                chain[chain.count - 1].next += 1
                let needed = needs[component][next].component
                switch marks[needed] {
                case .done: break
                case .new:
                    marks[needed] = .open
                    chain.append((needed, 0))
                case .open:
                    let start = chain.lastIndex { $0.component == needed } ?? 0
                    closing(chain[start...].map { ($0.component, needs[$0.component][$0.next - 1]) })
                }
            }
        }
    }
}

extension PathwayDocument.Condition {
    struct Part {
        var condition: PathwayDocument.Condition
        /// Indices into `of` from the outermost condition; empty for that one.
        var path: [Int]
    }

    /// This condition and those nested in it, outermost first, in document order; deeper ones than `Bounds.depth`
    /// are left out, which is enough for the check to see that there are such.
    func parts() -> [Part] {
        var parts: [Part] = [], open = [Part(condition: self, path: [])]
        while let part = open.popLast() {
            parts.append(part)
            guard part.path.count <= PathwayDocument.Bounds.depth else { continue }
            for (place, operand) in part.condition.of.enumerated().reversed() {
                if case .condition(let nested) = operand {
                    open.append(Part(condition: nested, path: part.path + [place]))
                }
            }
        }
        return parts
    }
}
