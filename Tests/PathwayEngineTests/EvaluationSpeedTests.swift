import Domain
import Foundation
import PathwayEngine
import Testing

/// Measures one learner on a pathway of 40 components over 120 targets, 60 attainments each, as a distribution. Prints; only
/// with `CAIRN_MEASURE=1`, for a busy machine says nothing.
struct EvaluationSpeedTests {
    private static let targets: [String] = (100..<220).map { (number: Int) -> String in
        "urn:uuid:0c200000-0000-4000-8000-000000000\(number)"
    }

    /// 26 leaves, 13 groups of nested and / or / n-of, one destination.
    static func pathway(_ random: inout SplitMix64) -> PathwayDocument {
        var components: [Component] = []
        for number in 0..<26 {
            var leaf = Component(id: "leaf\(number)", kind: .competency, title: "Leaf \(number)")
            leaf.target = targets[Int.random(in: 0..<120, using: &random)]
            if number % 3 == 0 { leaf.level = .number(Double(number % 4)) }
            if number % 7 == 0 { leaf.currency = .issuer }
            components.append(leaf)
        }
        for number in 0..<14 {
            func some() -> Operand {
                .component(components[Int.random(in: 0..<components.count, using: &random)].id)
            }
            let nested = Condition(number % 2 == 0 ? .any : .atLeast(2), of: [some(), some(), some()])
            let require: Condition.Requirement = [.all, .any, .atLeast(2)][number % 3]
            components.append(.node("node\(number)", require, of: [some(), some(), .condition(nested), some()]))
        }
        return .of(components, to: ["node13"])
    }

    private static func randomID(_ random: inout SplitMix64) -> EntityID<Attainment> {
        var bytes: [UInt8] = []
        for _ in 0..<16 { bytes.append(UInt8.random(in: 0...255, using: &random)) }
        return EntityID(UUID(bytes: bytes))
    }

    static func learner(_ random: inout SplitMix64) -> LearnerFacts {
        var attainments: [HeldAttainment] = []
        for number in 0..<60 {
            let begun = today.daysSince1970 - Int.random(in: 0...900, using: &random)
            let ends = CalendarDate(daysSince1970: today.daysSince1970 + number)
            attainments.append(HeldAttainment(
                id: randomID(&random), target: targets[Int.random(in: 0..<120, using: &random)],
                level: .number(Double(Int.random(in: 0...4, using: &random))), credits: Credits(1.5),
                from: CalendarDate(daysSince1970: begun), until: number % 5 == 0 ? ends : nil))
        }
        return LearnerFacts(attainments)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["CAIRN_MEASURE"] == "1"))
    func `one learner in microseconds`() throws {
        var random = SplitMix64(seed: 3)
        let compiled = try CompiledPathway.compile(Self.pathway(&random))
        let learners = (0..<2_000).map { _ in Self.learner(&random) }
        var found = 0
        func measure(_ what: String, _ body: (Int) -> Int) {
            var times: [Double] = []
            for round in 0..<3 {
                for number in learners.indices {
                    let start = ContinuousClock.now
                    found &+= body(number)
                    let time = (ContinuousClock.now - start).components
                    if round > 0 { times.append(Double(time.attoseconds) / 1e12) }
                }
            }
            times.sort()
            let shown = [0.5, 0.9, 0.99].map { (share: Double) -> String in
                String(format: "%.2f", times[Int(Double(times.count) * share)])
            }
            print("\(what): median, 90 %, 99 % of \(times.count): \(shown.joined(separator: ", ")) µs")
        }
        measure("nothing, the clock alone") { $0 }
        measure("evaluation from strings to the compact form") {
            compiled.evaluation(learners[$0], on: today).completion == .yes ? 1 : 0
        }
        measure("evaluation from strings to the standing with all reasons") {
            compiled.evaluate(learners[$0], on: today).isComplete ? 1 : 0
        }
        var evaluations = learners.map { compiled.evaluation($0, on: today) }
        measure("the standing with all reasons of an evaluation") { evaluations[$0].standing.isComplete ? 1 : 0 }
        measure("one attainment added") { number in
            let old = learners[(number + 1) % learners.count].attainments[number % 60]
            return evaluations[number].apply(.added(old)).count
        }
        measure("one attainment voided") { number in
            evaluations[number].apply(.voided(learners[number].attainments[number % 60].id)).count
        }
        measure("the day moved by one") { number in
            let day = evaluations[number].day.daysSince1970 + 1
            return evaluations[number].apply(.day(CalendarDate(daysSince1970: day))).count
        }
        measure("the plain evaluator") { number in
            guard number < 50 else { return 0 }
            return NaiveEvaluator.evaluate(compiled.document, learners[number], on: today).isComplete ? 1 : 0
        }
        #expect(found != -1)
    }
}
