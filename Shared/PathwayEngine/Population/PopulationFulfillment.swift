import Domain

/// Where every learner of a population stands on one pathway on one day.
package struct PopulationFulfillment: Sendable {
    /// How many learners are met, and of how many it is not known yet.
    package struct Count: Hashable, Sendable, Codable {
        package var met: Int
        package var unknown: Int

        package init(met: Int, unknown: Int) {
            self.met = met
            self.unknown = unknown
        }
    }

    package let learners: Int
    /// In the order of the document's components.
    package let components: [Count]
    package let completion: Count
    private let plan: PlanePlan
    private let planes: [CertainPlanes]
    private let completionPlanes: CertainPlanes
    let kept: PlaneBuffer

    init(
        _ plan: PlanePlan, _ planes: [CertainPlanes], completion: CertainPlanes, _ outcome: PlanePlan.Outcome
    ) {
        self.plan = plan
        self.planes = planes
        completionPlanes = completion
        kept = outcome.kept
        learners = plan.shape.learners
        let counts = stride(from: 0, to: outcome.counts.count, by: 2).map { number in
            Count(met: outcome.counts[number], unknown: outcome.counts[number + 1] - outcome.counts[number])
        }
        components = Array(counts.dropLast())
        self.completion = counts[counts.count - 1]
    }

    /// - Parameter component: its number in the document.
    package func truth(ofComponent component: Int, forLearner learner: Int) -> Truth { truth(planes[component], learner) }

    package func completion(forLearner learner: Int) -> Truth { truth(completionPlanes, learner) }

    private func truth(_ planes: CertainPlanes, _ learner: Int) -> Truth {
        precondition((0..<learners).contains(learner), "there is no learner \(learner)")
        if plan.bit(planes.yes, learner, kept) { return .yes }
        return plan.bit(planes.possible, learner, kept) ? .unknown : .no
    }
}

/// One pathway made ready for one population and day; can be run again and again.
package struct PopulationEvaluation: Sendable {
    private let plan: PlanePlan
    private let components: [CertainPlanes]
    private let completion: CertainPlanes
    private var memory: PlaneBuffer?

    /// - Parameter columns: gets those that the pathway needs and it does not have yet.
    package init(_ pathway: CompiledPathway, on day: CalendarDate, over columns: inout PopulationColumns) {
        var graph = PlaneGraph()
        let planes = PathwayPlanes(pathway, on: day, in: &graph, &columns)
        components = planes.components(of: pathway)
        completion = planes.completion(of: pathway, in: &graph)
        let all = (components + [completion]).flatMap { [$0.yes, $0.possible] }
        columns.add(neededBy: all, of: graph)
        plan = PlanePlan(graph, columns, counted: all, kept: all)
    }

    /// Memory of an earlier result is used again once nobody holds that result any more.
    package mutating func run(cores: Int = 1) -> PopulationFulfillment {
        let isFree = isKnownUniquelyReferenced(&memory)
        let outcome = plan.run(witnesses: 0, reusing: isFree ? memory.take() : nil, cores: cores)
        memory = outcome.kept
        return PopulationFulfillment(plan, components, completion: completion, outcome)
    }

    package var bytesKept: Int { plan.keptPlanes * plan.shape.words * 8 }
}

extension PathwayPlanes {
    func components(of pathway: CompiledPathway) -> [CertainPlanes] {
        pathway.componentNode.map { nodes[Int($0)] }
    }

    func completion(of pathway: CompiledPathway, in graph: inout PlaneGraph) -> CertainPlanes {
        let destinations = pathway.destinations.map { nodes[Int($0)] }
        guard !destinations.isEmpty else { return .no }
        return CertainPlanes(graph.all(destinations.map(\.yes)), graph.all(destinations.map(\.possible)))
    }
}

extension PopulationColumns {
    mutating func add(neededBy planes: [PlaneGraph.Plane], of graph: PlaneGraph) {
        let needed = PlanePlan.needed(graph, planes)
        var columns: [PopulationColumn] = [], numbers: [PopulationNumber] = []
        for (plane, node) in graph.nodes.enumerated() where needed[plane] {
            switch node {
            case .column(let column): columns.append(column)
            case .reaches(let sum, _): numbers += sum.groups.flatMap { $0.parts.map(\.number) }
            case .constant, .gate, .without: break
            }
        }
        add(columns: columns)
        add(numbers: numbers)
    }
}
