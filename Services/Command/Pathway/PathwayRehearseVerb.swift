import ArgumentParser
import Domain
import PathwayEngine

struct PathwayRehearseVerb: PathwayVerb {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Try a new version on a whole population before anybody decides: who gains, who loses.",
        discussion: """
            A population is a file with one learner a line, or synthetic:N[:SEED], made-up learners over the targets of \
            the two versions, the same for the same seed. Ends with 1 when somebody would lose something.

              cairn pathway rehearse old.json new.json --population learners.jsonl
              cairn pathway rehearse old.json new.json --population synthetic:1000000:7
            """)

    @Argument(help: ArgumentHelp("The pathway of today; - is standard input.", valueName: "OLD"))
    var old: String

    @Argument(help: ArgumentHelp("The next version.", valueName: "NEW"))
    var new: String

    @Option(help: ArgumentHelp("One learner a line (- is standard input), or synthetic:N[:SEED].", valueName: "FILE.jsonl"))
    var population: String

    @OptionGroup var day: DayOption
    @OptionGroup var output: PathwayOutput

    func validate() throws {
        try PathwayInput.onlyOneFromStandardInput([old, new, population])
        if population.hasPrefix("synthetic:") { _ = try Synthetic(population) }
    }

    func answer() throws -> PathwayAnswer {
        do {
            let old = try PathwayInput.compiled(old), new = try PathwayInput.compiled(new)
            let population = try population.hasPrefix("synthetic:")
                ? Synthetic(population).build([old.document, new.document], day: day.value)
                : Self.read(population)
            var columns = PopulationColumns(population)
            var rehearsal = PopulationRehearsal(from: old, to: new, on: day.value, over: &columns, keepsFulfillment: false)
            return PathwayRehearseAnswer(
                old: old.document.title, new: new.document.title, asOf: day.value, answer: rehearsal.run()
            ).answer(old.document, new.document)
        } catch let refused as RefusedPathway { return refused.answer }
    }

    private static func read(_ path: String) throws -> Population {
        let pieces = try PathwayInput.Pieces(path)
        var lines = PopulationLines { try pieces.next() }, builder = PopulationBuilder()
        do {
            var count = 0
            while let learner = try lines.learner() {
                builder.add(learner.learner, learner.facts)
                count += 1
            }
            guard count > 0 else {
                throw PathwayProblem(file: PathwayInput.name(path), rule: "population.empty",
                                     message: "There is no learner in it. Write one JSON object a line.")
            }
        } catch let problem as LearnerProblem {
            let line = problem.line.map { "line \($0)" }
            let place = [line, problem.place.isEmpty ? nil : problem.place].compactMap { $0 }.joined(separator: " ")
            throw PathwayProblem(file: PathwayInput.name(path), place: place.isEmpty ? nil : place, rule: problem.rule,
                                 message: problem.message)
        }
        return builder.build()
    }

    /// `synthetic:N[:SEED]`: N from 1 to ten million, the seed 1 unless given.
    struct Synthetic {
        var learners: Int
        var seed: UInt64

        static let learnersMax = 10_000_000

        init(_ text: String) throws {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
            guard (1...2).contains(parts.count), let first = parts.first, let learners = Int(first),
                  (1...Self.learnersMax).contains(learners),
                  let seed = parts.count == 2 ? parts.last.flatMap({ UInt64($0) }) : 1
            else {
                throw ValidationError("Write synthetic:N or synthetic:N:SEED, N from 1 to 10000000, like synthetic:1000000:7.")
            }
            self.learners = learners
            self.seed = seed
        }

        /// Over all targets of the documents, at the levels that they know, or 1 to 4.
        func build(_ documents: [PathwayDocument], day: CalendarDate) throws -> Population {
            let targets = Set(documents.flatMap { $0.components.compactMap(\.target) + $0.crosswalks.map(\.from) }).sorted()
            guard !targets.isEmpty else {
                throw PathwayProblem(file: "synthetic", rule: "population.no_targets",
                                     message: "The pathways have no targets that made-up learners could hold.")
            }
            var levels: [PathwayDocument.Level] = [1, 2, 3, 4]
            for progression in documents.flatMap(\.progressions) {
                for level in progression.levels where !levels.contains(.text(level)) && levels.count < 64 {
                    levels.append(.text(level))
                }
            }
            return SyntheticPopulation(
                learners: learners, seed: seed, targets: targets, levels: levels,
                attainmentsEach: min(60, max(1, targets.count / 2)), day: day).build()
        }
    }
}

/// The answer of `rehearse`.
struct PathwayRehearseAnswer: Encodable {
    var verb = "rehearse"
    var old: String
    var new: String
    var asOf: CalendarDate
    var answer: Rehearsal

    func answer(_ old: PathwayDocument, _ new: PathwayDocument) -> PathwayAnswer {
        PathwayAnswer(lines: lines(old, new).map { Terminal.printable($0) }, json: self,
                      code: answer.losing.count > 0 ? 1 : 0)
    }

    private func lines(_ old: PathwayDocument, _ new: PathwayDocument) -> [String] {
        let all = answer.learners
        var lines = ["“\(self.new)” instead of “\(self.old)”, for \(Spoken.count(all, "learner")) as of \(asOf)", ""]
        for (what, group) in [
            ("unchanged", answer.unchanged), ("would gain something", answer.gaining),
            ("would lose something", answer.losing), ("not known yet", answer.unknown),
        ] where group.count > 0 || what.hasPrefix("would") {
            lines.append("  \(group.count) \(what)\(names(group))")
        }
        lines += changes("Whole pathway", [answer.completion]) { _ in self.new }
        let titles = Dictionary((old.components + new.components).map { ($0.id, $0.title) }, uniquingKeysWith: { $1 })
        let rights = Dictionary((old.entitlements + new.entitlements).map { ($0.id, $0.title) }, uniquingKeysWith: { $1 })
        lines += changes("Milestones", answer.milestones) { titles[$0] ?? $0 }
        lines += changes("Rights", answer.entitlements) { rights[$0] ?? $0 }
        lines += changes("Parts", answer.components) { titles[$0] ?? $0 }
        return lines + ["", answer.holdHarmless.statement]
    }

    private func names(_ group: Rehearsal.Group) -> String {
        guard !group.witnesses.isEmpty else { return "" }
        let shown = group.witnesses.prefix(3).joined(separator: ", ")
        return ", like \(shown)"
    }

    /// Those that change anything.
    private func changes(_ heading: String, _ changes: [Rehearsal.Change], _ title: (String) -> String) -> [String] {
        let changed = changes.filter { $0.gained.count > 0 || $0.lost.count > 0 || $0.presence != .both }
        guard !changed.isEmpty else { return [] }
        return ["", "\(heading):"] + changed.map { change in
            let before = change.metBefore.map(String.init), after = change.metAfter.map(String.init)
            let counts = switch (before, after) {
            case (let before?, let after?): "done by \(before) before, \(after) after"
            case (nil, let after?): "new, done by \(after)"
            case (let before?, nil): "no longer there, was done by \(before)"
            case (nil, nil): "not there"
            }
            let who = [change.gained.count > 0 ? "\(change.gained.count) gain\(names(change.gained))" : nil,
                       change.lost.count > 0 ? "\(change.lost.count) lose\(names(change.lost))" : nil].compactMap { $0 }
            return "  \(title(change.id)): \(counts)" + (who.isEmpty ? "" : "; " + who.joined(separator: "; "))
        }
    }
}
