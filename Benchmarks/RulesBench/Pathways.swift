import Domain
import PathwayEngine

/// The pathways that are measured: 40 components over 40 of 120 competencies at levels 1 to 4; 16 of them have besides
/// a condition over earlier ones, each with an outer condition of seven operands over two inner ones of four and six,
/// by all, any or a number of them. The new version asks another level of three components and another number of two.
struct BenchPathways {
    static let competencies = (0..<120).map { "urn:bench:competency-\($0)" }
    static let day = CalendarDate(daysSince1970: 20_000)
    static let components = 40, conditions = 16

    let versions: [(old: CompiledPathway, new: CompiledPathway)]

    init(count: Int, seed: UInt64) throws {
        var random = SplitMix64(seed: seed &* 31 &+ 7)
        var versions: [(CompiledPathway, CompiledPathway)] = []
        for number in 0..<count {
            let old = Self.document(number, &random)
            let new = Self.edited(old, &random)
            versions.append((try .compile(old), try .compile(new)))
        }
        self.versions = versions
    }

    private static func document(_ number: Int, _ random: inout SplitMix64) -> PathwayDocument {
        var targets = competencies
        targets.shuffle(using: &random)
        var components: [PathwayDocument.Component] = []
        for number in 0..<Self.components {
            var component = PathwayDocument.Component(
                id: "c\(number)", kind: .competency, title: "Component \(number)", target: targets[number],
                level: .number(Double(Int.random(in: 1...4, using: &random))))
            if number >= Self.components - conditions { component.condition = condition(number, &random) }
            if number % 8 == 7 { component.milestone = .init(title: "Milestone \(number)") }
            components.append(component)
        }
        return PathwayDocument(
            title: "Pathway \(number)", components: components, destinations: ["c37", "c38", "c39"],
            entitlements: [])
    }

    private static func condition(_ number: Int, _ random: inout SplitMix64) -> PathwayDocument.Condition {
        typealias Condition = PathwayDocument.Condition
        func some(_ count: Int) -> [Condition.Operand] {
            var earlier = Array(max(0, number - 24)..<number)
            earlier.shuffle(using: &random)
            return earlier.prefix(count).map { .component("c\($0)") }
        }
        func require(_ count: Int) -> Condition.Requirement {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: .all
            case 1: .any
            default: .atLeast(Int.random(in: 2...(count - 1), using: &random))
            }
        }
        let four = Condition(require(4), of: some(4)), six = Condition(require(6), of: some(6))
        return Condition(require(7), of: some(5) + [.condition(four), .condition(six)])
    }

    private static func edited(_ old: PathwayDocument, _ random: inout SplitMix64) -> PathwayDocument {
        var new = old
        for _ in 0..<3 {
            let place = Int.random(in: 0..<components, using: &random)
            new.components[place].level = .number(Double(Int.random(in: 1...4, using: &random)))
        }
        for _ in 0..<2 {
            let place = Int.random(in: (components - conditions)..<components, using: &random)
            new.components[place].condition?.require = .atLeast(Int.random(in: 2...6, using: &random))
        }
        return new
    }
}
