import Domain
import Foundation
import PathwayEngine
import Support
import Testing

/// The published examples of CTDL pathways do what their prose says. They are read where they are published; only what
/// is claimed of them is here.
struct CTDLSampleTests {
    static let folder = "standards/ctdl/samples/pathways"

    static func path(_ name: String) -> String { "\(folder)/Pathway-Examples_\(name)" }
    static func read(_ name: String) throws -> PathwayFile { PathwayFile.read(try SharedFiles.bytes(path(name))) }

    static let nates = "Badgr_Badgr_(Final)_-_CTDL-French_BA_Marketable_Skills-Nates.json"
    static let sandbox = "Badgr_Badgr_French_B.A.MarketableSkills_CR_sandbox.json"
    static let compTIA = "CompTIA_CTDL-French_BA_Marketable_Skills.json"
    static let heriotWatt = "HeriotWatt_pathway.json"
    static let useCases = ["UC10", "UC18_(1)", "UC19", "UC26"].map { "UseCaseExamples_\($0).jsonld" }
    static let sound = [nates, sandbox, compTIA, heriotWatt] + useCases

    @Test(.needsShared(folder), arguments: zip(sound, [53, 53, 52, 64, 2, 2, 2, 5]))
    func `each published pathway is read, and is sound`(_ name: String, _ components: Int) throws {
        let file = try Self.read(name)
        let document = try #require(file.document)
        #expect(file.isSound && file.format == .ctdl && document.destinations.count == 1
            && document.components.count == components && !file.notes.isEmpty)
    }

    @Test(.needsShared(folder), arguments: [
        ("Badgr_French-B-A-Marketable-Skills.json", "file.unknown_format"),
        ("CompTIA_comptia-IT_progModel.json", "ctdl.no_pathway"), ("HeriotWatt_vcred.json", "ctdl.no_pathway"),
    ])
    func `what is no pathway says so`(_ name: String, _ rule: String) throws {
        let file = try Self.read(name)
        #expect(file.document == nil && file.findings.map(\.rule) == [rule])
    }

    @Test(.needsShared("standards/ctdl/malformed-upstream"), arguments: [
        ("Pathway-Examples_Kansas_HutchinsonWeldingAAS.json.txt", "Line 21, column 1"),
        ("Pathway-Examples_PathwayBuilder_Constraints-API.json.txt", "Line 110, column 2"),
        ("Pathway-Examples_PathwayBuilder_Constraints-CTDL.json.txt", "Line 58, column 8"),
        ("Transfer_Value_Profile_Assistant_API_-_Indiana_CHE_-_Introduction_to_Business.json.txt", "Line 44, column 3"),
        ("Transfer_Value_Profile_CTDL_-_Course_-_WICHE_-_Passport.json.txt", "Line 11, column 2"),
    ])
    func `a malformed one is refused at its line and column`(_ name: String, _ place: String) throws {
        let file = PathwayFile.read(try SharedFiles.bytes("standards/ctdl/malformed-upstream/\(name)"))
        #expect(file.document == nil && file.findings.count == 1 && file.findings[0].message.hasPrefix(place + ":"))
    }

    // MARK: Prose

    /// “Requires 3 of 4 items.”, “Complete 8 out of 8 courses.”, “Select 2 out of 2 conditions.”
    private struct Prose: Hashable {
        var component: String
        var required: Int
        var of: Int
    }

    /// Of every component with one condition, what the condition's own text says.
    private func prose(_ name: String) throws -> [Prose] {
        let value = try JSONValue.parse(try SharedFiles.bytes(Self.path(name)), limits: PathwayCheck.fileLimits)
        let nodes = (value["@graph"] ?? value).array ?? []
        func text(_ value: JSONValue?) -> String { value.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "" }
        let byID = Dictionary(nodes.map { (text($0["@id"]), $0) }, uniquingKeysWith: { first, _ in first })
        return nodes.compactMap { node in
            let member = node.object?.members.first { $0.name.hasSuffix("hasCondition") && !text(node["@type"]).contains("ComponentCondition") }
            let list = member.map { $0.value.array ?? [$0.value] } ?? []
            guard list.count == 1 else { return nil }
            let condition = list[0].object?.count == 1 ? byID[text(list[0]["@id"])] : list[0]
            let said = condition?.object?.members.filter { $0.name.hasSuffix("name") || $0.name.hasSuffix("description") }
                .map { text($0.value) }.joined() ?? ""
            let words = said.split { !$0.isLetter && !$0.isNumber }
            for place in words.indices.dropFirst().dropLast() where words[place] == "of" {
                let before = words[place - 1] == "out" && place > 1 ? words[place - 2] : words[place - 1]
                if let required = Int(before), let of = Int(words[place + 1]) {
                    return Prose(component: node["@id"]?.text ?? "", required: required, of: of)
                }
            }
            return nil
        }
    }

    @Test(.needsShared(folder), arguments: zip([nates, sandbox, heriotWatt], [29, 20, 1]))
    func `a condition asks for as many as its text says`(_ name: String, _ count: Int) throws {
        let said = try prose(name), file = try Self.read(name)
        let document = try #require(file.document)
        let ids = Dictionary(uniqueKeysWithValues: file.names.components.map { ($1.id, $0) })
        let standing = evaluate(document, [])
        let wrong = said.filter { prose in
            guard let id = ids[prose.component],
                  var progress = standing.components[id]?.reason.condition else { return true }
            // A condition that also has a constraint to confirm holds the counted one inside.
            if let inner = progress.nested.first, progress.operands == 2, progress.met.isEmpty { progress = inner }
            return progress.required != prose.required || progress.operands != prose.of
        }
        #expect(wrong == [] && said.count >= count)
    }

    @Test(.needsShared(folder), arguments: [nates, sandbox, compTIA])
    func `with one badge too few a group is open, with enough it is met`(_ name: String) throws {
        let document = try #require(try Self.read(name).document)
        let byID = Dictionary(uniqueKeysWithValues: document.components.map { ($0.id, $0) })
        var groups = 0
        for component in document.components {
            guard let condition = component.condition, case .atLeast(let required) = condition.require else { continue }
            let targets = condition.of.compactMap { operand -> String? in
                guard case .component(let id) = operand, byID[id]?.condition == nil else { return nil }
                return byID[id]?.target
            }
            guard targets.count == condition.of.count else { continue }
            groups += 1
            let states = [required - 1, required].map { number in
                evaluate(document, targets.prefix(number).map { attainment(of: $0) }).components[component.id]?.state
            }
            #expect(states == [required > 1 ? .inProgress : .noEvidence, .met])
        }
        #expect(groups > 15)
    }

    private func attainment(of target: String, level: PathwayDocument.Level? = nil) -> HeldAttainment {
        HeldAttainment(id: .make(), target: target, level: level, from: today)
    }

    // MARK: Heriot-Watt

    /// The two people of the credentials published with the pathway, by what they achieved.
    private func person(_ name: String) throws -> [HeldAttainment] {
        let value = try JSONValue.parse(try SharedFiles.bytes(Self.path("HeriotWatt_vcred.json")), limits: .file)
        let node = value.array?.first { $0["@id"]?.text == "http://example.edu/hwu/people/\(name)" }
        return (node?["http://example.org/terms/achievement"]?.array ?? []).compactMap { $0["@id"]?.text }.map { attainment(of: $0) }
    }

    private func component(_ title: String, _ document: PathwayDocument) throws -> PathwayDocument.Component {
        try #require(document.components.first { $0.title == title })
    }

    @Test(.needsShared(folder)) func `pat has the eight courses of the exit certificate, bryan four of them`() throws {
        let document = try #require(try Self.read(Self.heriotWatt).document)
        let certificate = try component("CertHE (exit certificate)", document)
        let leaving = attainment(of: "urn:cairn:confirm:exit-program-is-true")
        let pat = try person("pat"), bryan = try person("bryan")
        let states = [pat, pat + [leaving], bryan + [leaving]].map {
            evaluate(document, $0).components[certificate.id]?.state
        }
        #expect(states == [.inProgress, .met, .inProgress])
        let counted = evaluate(document, bryan).components[certificate.id]?.reason.condition?.nested.first
        #expect(counted?.metCount == 4 && counted?.required == 8)
    }

    @Test(.needsShared(folder)) func `the honors degree takes three times eight courses, three of nine and two of the rest`() throws {
        let document = try #require(try Self.read(Self.heriotWatt).document)
        let degree = try component("BSc (hons) in Computer Science", document)
        let courses = document.components.filter { $0.kind == .course }.compactMap(\.target)
        let staying = attainment(of: "urn:cairn:confirm:exit-program-is-false")
        func isComplete(without titles: String...) throws -> Bool {
            let missing = Set(try titles.map { try component($0, document).target })
            return evaluate(document, courses.filter { !missing.contains($0) }.map { attainment(of: $0) } + [staying]).isComplete
        }
        #expect(degree.target == nil && document.destinations == [degree.id])
        let answers = [
            try isComplete(), try isComplete(without: "Praxis"),
            // Six of the nine can be left out, a seventh cannot.
            try isComplete(without: "Bio-Inspired Computation", "Intelligent Robots", "Computer Network Security",
                           "Rigorous Method for Software Engineering", "Data Mining and Machine Learning",
                           "Statistical Modeling and Analysis"),
            try isComplete(without: "Bio-Inspired Computation", "Intelligent Robots", "Computer Network Security",
                           "Rigorous Method for Software Engineering", "Data Mining and Machine Learning",
                           "Statistical Modeling and Analysis", "3-D Graphics and Animation"),
            try isComplete(without: "Research Methods & Requirements Engineering"),
        ]
        #expect(answers == [true, false, true, false, false])
    }

    @Test(.needsShared(folder)) func `six of eight courses count only at grade D or better`() throws {
        let document = try #require(try Self.read(Self.heriotWatt).document)
        let stage = try component("Stage 3, Semester 2", document)
        let groups = (stage.condition?.of ?? []).flatMap { operand -> [PathwayDocument.Condition.Operand] in
            guard case .condition(let group) = operand else { return [] }
            return group.of
        }
        let counted = try #require(groups.compactMap { operand -> PathwayDocument.Condition? in
            guard case .condition(let courses) = operand, courses.require == .atLeast(6) else { return nil }
            return courses
        }.first)
        let targets = counted.of.compactMap { operand -> String? in
            guard case .constraint(let constraint) = operand else { return nil }
            return document.components.first { $0.id == constraint.over[0] }?.target
        }
        let alone = PathwayDocument(
            title: "Six of eight", components: document.components + [
                PathwayDocument.Component(id: "six", kind: .selection, title: "Six", condition: counted)],
            destinations: ["six"], progressions: document.progressions)
        func isMet(_ number: Int, at grade: String) -> Bool {
            evaluate(alone, targets.prefix(number).map { attainment(of: $0, level: .text("http://example.edu/hwu/grades/\(grade)")) }).isComplete
        }
        #expect([isMet(6, at: "D"), isMet(8, at: "A"), isMet(5, at: "A"), isMet(8, at: "E")] == [true, true, false, false])
        #expect(targets.count == 8)
    }

    @Test(.needsShared(folder)) func `an aggregate without components is taken over the pathway`() throws {
        let document = try #require(try Self.read(Self.heriotWatt).document)
        let stage = try component("Stage 4, Semester 2", document)
        let over = stage.condition?.of.compactMap { operand -> PathwayDocument.Constraint? in
            guard case .constraint(let constraint) = operand else { return nil }
            return constraint
        }.first
        #expect(over?.measure == .credits && over?.comparator == .atLeast && over?.value == .number(480)
            && over?.over.count == 45)
    }

    // MARK: Use cases

    @Test(.needsShared(folder), arguments: zip(useCases, [1, 1, 1, 4]))
    func `what no record holds is confirmed by somebody, all of it`(_ name: String, _ count: Int) throws {
        let document = try #require(try Self.read(name).document)
        let confirmations = document.components.compactMap(\.target)
        let all = confirmations.map { attainment(of: $0) }
        #expect(confirmations.count == count && confirmations.allSatisfy { $0.hasPrefix("urn:cairn:confirm:") })
        #expect(evaluate(document, all).isComplete && !evaluate(document, Array(all.dropLast())).isComplete)
        // Nobody is told no where nothing is known.
        let open = NaiveEvaluator.evaluate(document, LearnerFacts([], unknown: .everything), on: today)
        #expect(open.components[document.destinations[0]]?.state == .unknown)
    }

    @Test(.needsShared("standards/ctdl/samples/pathways-repo")) func `one or the other of the two options`() throws {
        let file = PathwayFile.read(try SharedFiles.bytes("standards/ctdl/samples/pathways-repo/PathwayConditions.json"))
        let document = try #require(file.document)
        func isComplete(_ titles: String...) -> Bool {
            evaluate(document, document.components.filter { titles.contains($0.title) }
                .compactMap(\.target).map { attainment(of: $0) }).isComplete
        }
        #expect(file.isSound && [isComplete("Course B", "Course D"), isComplete("Course C")] == [true, false])
    }

    // MARK: And back

    @Test(.needsShared(folder), arguments: sound)
    func `written and read again it is the same pathway with the same names`(_ name: String) throws {
        let file = try Self.read(name)
        let document = try #require(file.document)
        let (graph, _) = CTDLWriter.write(document, names: file.names)
        let again = PathwayFile.read(graph.serialized())
        #expect(again.findings.filter { $0.severity == .refused } == [])
        #expect(again.document == document)
        #expect(again.names.components.filter { !$0.key.hasPrefix("confirm-") }.mapValues(\.id)
            == file.names.components.filter { !$0.key.hasPrefix("confirm-") }.mapValues(\.id))
    }
}
