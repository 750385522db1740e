import Domain

extension PathwayCheck {
    /// What a document asks of records that say less than a learner file may: a level as a number, and nothing of
    /// credits and innovation zones. An evaluation by them is certain and wrong there, so whoever saves the document
    /// should hear of it.
    package static func beyondPlainRecords(_ document: PathwayDocument) -> [PathwayFinding] {
        var findings: [PathwayFinding] = []
        for (number, component) in document.components.enumerated() {
            if case .text(let level) = component.level {
                findings.append(PathwayFinding(
                    .warning, "/components/\(number)/level", "record.level",
                    "Records here have levels that are numbers, so nothing reaches “\(shortened(level))”. Ask for a number."))
            }
            for part in component.condition?.parts() ?? [] {
                for (place, operand) in part.condition.of.enumerated() {
                    guard case .constraint(let constraint) = operand, let finding = unrecorded(constraint) else { continue }
                    findings.append(PathwayFinding(
                        .warning, pointer(number, part.path + [place]), finding.rule, finding.message))
                }
            }
        }
        for (number, waiver) in document.waivers.enumerated() {
            findings.append(PathwayFinding(
                .warning, "/waivers/\(number)", "record.zone",
                "Records here do not say who belongs to “\(shortened(waiver.zone))”, so nothing is waived for anybody."))
        }
        return findings
    }

    private static func unrecorded(_ constraint: PathwayDocument.Constraint) -> (rule: String, message: String)? {
        switch (constraint.measure, constraint.value) {
        case (.credits, _):
            ("record.credits", "Records here say nothing of credits, so this sum is 0 for everybody. Count components, or ask "
                + "for a level.")
        case (.level, .text(let level)):
            ("record.level", "Records here have levels that are numbers, so nothing compares with “\(shortened(level))”. Ask for "
                + "a number.")
        default: nil
        }
    }
}
