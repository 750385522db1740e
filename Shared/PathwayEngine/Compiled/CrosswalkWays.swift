import Domain

/// The crosswalks of a document by where they lead, and the ways that attainments take through them.
struct CrosswalkWays {
    private let crosswalks: [PathwayDocument.Crosswalk]
    private let conferring: [String: [Int32]]
    private let informing: [String: [Int32]]

    init(_ crosswalks: [PathwayDocument.Crosswalk]) {
        self.crosswalks = crosswalks
        var conferring: [String: [Int32]] = [:], informing: [String: [Int32]] = [:]
        for (number, crosswalk) in crosswalks.enumerated() {
            if crosswalk.confers {
                conferring[crosswalk.to, default: []].append(Int32(number))
            } else {
                informing[crosswalk.to, default: []].append(Int32(number))
            }
        }
        self.conferring = conferring
        self.informing = informing
    }

    func related(to target: String) -> [Int32] { informing[target] ?? [] }

    /// Each way to a target as the numbers of its crosswalks, from the attainment to the target; the fewest first, then
    /// those of the lowest numbers. Only a crosswalk that chains takes what came through another one, at most
    /// `Bounds.hops` follow one another, and no target is passed twice. Nil when there are more than `limit`.
    func ways(to target: String, limit: Int) -> [[Int32]]? {
        var ways: [[Int32]] = [], open: [[Int32]] = [[]]
        for _ in 0..<PathwayDocument.Bounds.hops {
            var longer: [[Int32]] = []
            for way in open {
                if let first = way.first, !crosswalks[Int(first)].chains { continue }
                let start = way.first.map { crosswalks[Int($0)].from } ?? target
                for number in conferring[start] ?? [] {
                    let from = crosswalks[Int(number)].from
                    guard from != target, !way.contains(where: { crosswalks[Int($0)].from == from }) else { continue }
                    guard ways.count + longer.count < limit else { return nil }
                    longer.append([number] + way)
                }
            }
            guard !longer.isEmpty else { break }
            ways += longer.sorted { $0.lexicographicallyPrecedes($1) }
            open = longer
        }
        return ways
    }

    /// The level that the last crosswalk which sets one sets.
    func arrival(on way: [Int32]) -> PathwayDocument.Level? {
        way.last { crosswalks[Int($0)].level != nil }.flatMap { crosswalks[Int($0)].level }
    }

    /// Distinct, in the order of the crosswalks.
    func topUps(on way: [Int32]) -> [String] {
        var topUps: [String] = []
        for number in way {
            for target in crosswalks[Int(number)].topUpNeeded where !topUps.contains(target) { topUps.append(target) }
        }
        return topUps
    }

    func from(_ number: Int32) -> String { crosswalks[Int(number)].from }
}
