import Domain
import EventLog
import Testing
@testable import Assessment

@Suite struct JudgmentPropertyTests {
    /// Over random rubrics and judgments, against the plainest reading of the rules.
    @Test(arguments: [UInt64(1), 2026, 0xCA12])
    func `the outcome is what the levels say, and feedback is demanded for exactly what is unmet`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for round in 0..<400 {
            let criteria = (0..<Int.random(in: 1...6, using: &random)).map { number in
                let levels = Set((0..<Int.random(in: 2...10, using: &random)).map { _ in
                    Double(Int.random(in: -4...20, using: &random)) / 2
                }).union([-3, 11]).sorted()
                return Given.criterion(
                    "c\(number)", of: "urn:x:\(Int.random(in: 0...2, using: &random))",
                    levels: Array(levels.prefix(10)), metAt: levels.prefix(10).randomElement(using: &random)!)
            }
            let rubric = try RubricVersion(reading: "Random", criteria)
            let judged = criteria.shuffled(using: &random).map { criterion in
                CriterionJudgment(
                    criterion: criterion.id, level: criterion.levels.randomElement(using: &random)!.level,
                    feedback: Bool.random(using: &random) ? "Next: \(criterion.id)." : nil)
            }
            let command = RecordJudgment(assessment: Given.assessmentID, license: Given.licenseID, criteria: judged)

            let metAt = Dictionary(uniqueKeysWithValues: criteria.map { ($0.id, $0.metAt) })
            let unmet = Set(judged.filter { $0.level < metAt[$0.criterion]! }.map(\.criterion))
            let silent = Set(judged.indices
                .filter { unmet.contains(judged[$0].criterion) && judged[$0].feedback == nil }
                .map { "/criteria/\($0)/feedback" })
            let target = Dictionary(uniqueKeysWithValues: criteria.map { ($0.id, $0.target) })
            let lowest = Dictionary(judged.map { (target[$0.criterion]!, $0.level) }, uniquingKeysWith: min)

            let seen: String, wanted: String
            do {
                let decision = try decide(
                    Given.assessment(), rubric, Given.license(targets: ["urn:x:0", "urn:x:1", "urn:x:2"]),
                    try command.read(), today: Given.today, now: Given.now)
                let reply = try decision.answer.get()
                let attained = (decision.events.last as? OutcomeMet)?.attained ?? []
                let levels = attained.map { "\($0.target)=\($0.level)" }.sorted()
                seen = "\(reply.outcome) \(reply.unmet.sorted()) \(levels)"
            } catch {
                seen = "\(Set(error.violations.filter { $0.rule == "feedback.missing" }.map(\.pointer)).sorted())"
            }
            if !silent.isEmpty {
                wanted = "\(silent.sorted())"
            } else if unmet.isEmpty {
                wanted = "met [] \(lowest.map { "\($0.key)=\($0.value)" }.sorted())"
            } else {
                wanted = "notYet \(unmet.sorted()) []"
            }
            #expect(seen == wanted, "seed \(seed), round \(round)")
        }
    }
}
