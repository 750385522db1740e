import Domain
import EventLog

/// Judges, or says why not. The order is the promise: a closed assessment and a malformed judgment are told so; an
/// attempt that the license does not carry is kept (invariant 5); only then do evidence and bounds count.
func decide(
    _ assessment: AssessmentState, _ rubric: RubricVersion, _ license: LicenseState, _ command: RecordJudgment,
    byFamily: Bool = false, today: CalendarDate, now: Timestamp
) throws(Fault) -> Decision<RecordJudgment.Reply> {
    try assessment.requireOpen()
    let day = command.effectiveOn ?? today
    guard day <= today else {
        throw .invalid("/effectiveOn", "effective_on.future", "A judgment cannot have been made after today.")
    }
    let asksForMore = command.moreEvidenceNeeded == true
    let given = try command.levels(by: rubric, inFull: !asksForMore)
    let unmet = asksForMore ? [] : given.filter { !$0.isMet }
    try requireFeedback(for: unmet)

    if let rule = license.ruleForbidding(
        assessment, by: rubric, levels: given.map(\.judgment.level), byFamily: byFamily, on: day, recordedOn: today) {
        return Decision(
            [JudgmentRefused(
                assessment: assessment.id, learner: assessment.owner, license: license.id, rule: rule.rawValue)],
            refusal: rule.refusal)
    }

    if !asksForMore, assessment.evidence.isEmpty {
        throw .refused("evidence.missing", "There is no evidence yet. Submit some, or ask for more evidence.")
    }
    guard assessment.judgments.count < AssessmentState.judgmentsMax else {
        throw .refused("judgment.limit", "An assessment takes at most \(AssessmentState.judgmentsMax) judgments.")
    }
    let judgment = JudgmentEntry(
        judgment: .following(
            "judgment", assessment.id.description, "\(assessment.judgments.count + 1)",
            alongside: assessment.owner.uuid),
        license: license.id, criteria: given.map(\.judgment),
        outcome: asksForMore ? .moreEvidenceNeeded : unmet.isEmpty ? .met : .notYet, effectiveOn: day, recordedAt: now)
    try assessment.requireRoom(for: judgment.bytes)
    return Decision(
        [JudgmentRecorded(assessment: assessment.id, learner: assessment.owner, judgment: judgment),
         assessment.outcomeEvent(of: judgment, given: given, unmet: unmet)],
        reply: RecordJudgment.Reply(
            judgment: judgment.judgment, outcome: judgment.outcome, unmet: unmet.map(\.criterion.id)))
}

extension RecordJudgment {
    static let feedbackMax = 4000

    /// The command as it may be decided on. Blank feedback is none.
    func read() throws(Fault) -> RecordJudgment {
        guard criteria.count <= RubricVersion.criteriaMax else {
            throw .invalid("/criteria", "criteria.count", "Give at most \(RubricVersion.criteriaMax) criteria.")
        }
        var command = self
        for (index, criterion) in criteria.enumerated() {
            guard let feedback = criterion.feedback else { continue }
            command.criteria[index].feedback = feedback.isBlank ? nil : try readText(
                feedback, at: "/criteria/\(index)/feedback", limit: Self.feedbackMax, lines: true)
        }
        return command
    }

    /// What was given for each criterion, in the rubric's order.
    /// - Parameter inFull: every criterion must be among them, as it must to judge.
    /// - Throws: `.invalid` with all that is wrong.
    fileprivate func levels(by rubric: RubricVersion, inFull: Bool) throws(Fault) -> [GivenLevel] {
        let known = Dictionary(uniqueKeysWithValues: rubric.criteria.map { ($0.id, $0) })
        var given: [String: GivenLevel] = [:]
        var violations: [Fault.Violation] = []
        for (index, judgment) in criteria.enumerated() {
            let pointer = "/criteria/\(index)"
            guard let criterion = known[judgment.criterion] else {
                violations.append(
                    .init("\(pointer)/criterion", "criterion.unknown", "The rubric has no such criterion."))
                continue
            }
            if !criterion.has(level: judgment.level) {
                violations.append(.init("\(pointer)/level", "level.unknown", "The criterion has no such level."))
            }
            let level = GivenLevel(index: index, criterion: criterion, judgment: judgment)
            if given.updateValue(level, forKey: criterion.id) != nil {
                violations.append(
                    .init("\(pointer)/criterion", "criterion.duplicate", "This criterion is judged twice."))
            }
        }
        if inFull {
            for criterion in rubric.criteria where given[criterion.id] == nil {
                violations.append(.init("/criteria", "criterion.missing", "Criterion \(criterion.id) is not judged."))
            }
        }
        guard violations.isEmpty else {
            throw Fault(
                .invalid, "Give each criterion of the rubric version once, with one of its levels.",
                violations: violations)
        }
        return rubric.criteria.compactMap { given[$0.id] }
    }
}

/// What was given for one criterion.
private struct GivenLevel {
    /// Its place in the command.
    var index: Int
    var criterion: RubricCriterion
    var judgment: CriterionJudgment

    var isMet: Bool { judgment.level >= criterion.metAt }
}

/// Invariant 6: who hears *not yet* hears what to do next, for each criterion.
private func requireFeedback(for unmet: [GivenLevel]) throws(Fault) {
    let silent = unmet.filter { $0.judgment.feedback == nil }
    guard silent.isEmpty else {
        throw Fault(
            .invalid, "Say for each unmet criterion what to do next.",
            violations: silent.map {
                .init("/criteria/\($0.index)/feedback", "feedback.missing",
                      "Criterion \($0.criterion.id) is not yet met: say what to do next.")
            })
    }
}

extension AssessmentState {
    fileprivate func outcomeEvent(
        of judgment: JudgmentEntry, given: [GivenLevel], unmet: [GivenLevel]
    ) -> any Event {
        switch judgment.outcome {
        case .met:
            OutcomeMet(
                assessment: id, learner: owner, judgment: judgment.judgment, license: judgment.license,
                setting: setting, attained: lowestByTarget(given), effectiveOn: judgment.effectiveOn)
        case .notYet:
            OutcomeNotYet(
                assessment: id, learner: owner, judgment: judgment.judgment, organization: organization,
                unmet: unmet.map {
                    UnmetCriterion(
                        criterion: $0.criterion.id, target: $0.criterion.target, level: $0.judgment.level,
                        metAt: $0.criterion.metAt, feedback: $0.judgment.feedback ?? "")
                })
        case .moreEvidenceNeeded, .void:
            MoreEvidenceAsked(assessment: id, learner: owner, judgment: judgment.judgment)
        }
    }
}

/// Each framework item once, where it first comes up in the rubric, at the lowest level given for it.
private func lowestByTarget(_ given: [GivenLevel]) -> [AttainedTarget] {
    var attained: [AttainedTarget] = []
    var places: [String: Int] = [:]
    for level in given {
        if let place = places[level.criterion.target] {
            attained[place].level = min(attained[place].level, level.judgment.level)
        } else {
            places[level.criterion.target] = attained.count
            attained.append(AttainedTarget(target: level.criterion.target, level: level.judgment.level))
        }
    }
    return attained
}
