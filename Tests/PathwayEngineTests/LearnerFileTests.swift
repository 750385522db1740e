import Domain
import PathwayEngine
import Testing

struct LearnerFileTests {
    private func read(_ text: String) -> Result<LearnerFile, LearnerProblem> {
        Result { () throws(LearnerProblem) in try LearnerFile.read(Array(text.utf8)) }
    }

    private func problem(_ text: String) -> String? {
        guard case .failure(let problem) = read(text) else { return nil }
        return problem.description
    }

    @Test func `everything a learner file can say is read`() throws {
        let file = try read("""
            {"learner": "Rosa", "zones": ["north"], "unknown": ["urn:x:9"], "attainments": [
              {"target": "urn:x:1", "from": "2026-01-31"},
              {"id": "0c000000-0000-4000-8000-000000000001", "target": "urn:x:2", "level": 3, "credits": 1.5,
               "basis": "prior_learning", "from": "2026-01-31", "until": "2027-01-31"},
              {"target": "urn:x:3", "level": "urn:level:two", "from": "2026-02-28", "until": null}]}
            """).get()
        let day = CalendarDate("2026-01-31")!
        let first = try #require(file.facts.attainments.first)
        #expect(file.facts.attainments == [
            HeldAttainment(id: first.id, target: "urn:x:1", from: day),
            HeldAttainment(id: EntityID("0c000000-0000-4000-8000-000000000001")!, target: "urn:x:2", level: 3,
                           credits: Credits(1.5), basis: .priorLearning, from: day, until: CalendarDate("2027-01-31")),
            HeldAttainment(id: file.facts.attainments[2].id, target: "urn:x:3", level: "urn:level:two",
                           from: CalendarDate("2026-02-28")!),
        ])
        #expect(file.learner == "Rosa" && file.facts.zones == ["north"] && file.facts.unknown == .targets(["urn:x:9"]))
        // Ids that were not given are the same each time, and differ.
        #expect(first.id != file.facts.attainments[2].id && first.id == EntityID.following("learner-file", "Rosa", "0"))
    }

    @Test func `unknown may be everything`() throws {
        #expect(try read(#"{"learner": "x", "attainments": [], "unknown": true}"#).get().facts.unknown == .everything)
    }

    @Test(arguments: [
        (#"{"learner": "x", "attainments": [}"#, "/attainments/0: Line 1, column 34: A JSON value must begin here. [json.syntax]"),
        (#"{"attainments": []}"#, "/learner: This is required. [member.missing]"),
        (#"{"learner": "", "attainments": []}"#, "/learner: This must have 1 to 200 characters. [member.value]"),
        (#"{"learner": "x", "attainments": [{"target": "ethics", "from": "2026-01-01"}]}"#,
         "/attainments/0/target: This must be an IRI, like urn:uuid: and the identifier of a framework's item. [member.value]"),
        (#"{"learner": "x", "attainments": [{"target": "urn:x:1"}]}"#, "/attainments/0/from: This is required. [member.missing]"),
        (#"{"learner": "x", "attainments": [{"target": "urn:x:1", "from": "2026-02-30"}]}"#,
         "/attainments/0/from: This must be a date YYYY-MM-DD. [member.value]"),
        (#"{"learner": "x", "attainments": [{"target": "urn:x:1", "from": "2026-02-01", "until": "2026-01-01"}]}"#,
         "/attainments/0/until: This must not be before from. [member.value]"),
        (#"{"learner": "x", "attainments": [{"target": "urn:x:1", "from": "2026-02-01", "credits": -1}]}"#,
         "/attainments/0/credits: This must be an amount from 0 to 1000000000 with at most 3 decimal places. [member.value]"),
        (#"{"learner": "x", "attainments": [{"target": "urn:x:1", "from": "2026-02-01", "basis": "guessed"}]}"#,
         "/attainments/0/basis: This must be one of: assessed, prior_learning, articulated, granted. [member.value]"),
        (#"{"learner": "x", "attainments": [{"target": "urn:x:1", "from": "2026-02-01", "grade": "A"}]}"#,
         "/attainments/0/grade: This is not known here. [member.unknown]"),
        (#"{"learner": "x", "attainments": [], "unknown": "all"}"#, "/unknown: This must be true or a list of targets. [member.value]"),
        (#"[{"learner": "x", "attainments": []}]"#,
         "This is an array. Write one object for one learner, and for a population one object a line. [learner.array]"),
        (#"{"learner": "x", "attainments": 7}"#, "/attainments: This must be an array, not a number. [member.type]"),
    ])
    func `what is wrong is told with its place`(_ text: String, _ expected: String) {
        #expect(problem(text) == expected)
    }

    @Test func `two attainments may not have one id`() {
        let one = #"{"id": "0c000000-0000-4000-8000-000000000001", "target": "urn:x:1", "from": "2026-02-01"}"#
        #expect(problem(#"{"learner": "x", "attainments": [\#(one), \#(one)]}"#)?.contains("id of another attainment") == true)
    }

    // MARK: Populations

    private func names(_ pieces: [String]) throws -> [String] {
        var left = pieces[...]
        var lines = PopulationLines { left.popFirst().map { Array($0.utf8) } }
        var names: [String] = []
        while let file = try lines.learner() { names.append(file.learner) }
        return names
    }

    @Test func `lines are read whatever the pieces they come in`() throws {
        let text = (1...5).map { #"{"learner": "l\#($0)", "attainments": []}"# }.joined(separator: "\r\n") + "\n\n"
        for size in [1, 2, 7, 40, 1000] {
            var pieces: [String] = [], rest = Substring(text)
            while !rest.isEmpty {
                pieces.append(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(try names(pieces) == ["l1", "l2", "l3", "l4", "l5"])
        }
    }

    @Test func `a wrong line is named by its number`() {
        let good = #"{"learner": "x", "attainments": []}"#
        let answers = [good + "\n\n{\"learner\": 1}", good + "\n" + good + "\n" + good + " x"].map { text in
            #expect(throws: LearnerProblem.self) { try names([text]) }?.description ?? ""
        }
        #expect(answers[0].hasPrefix("line 3: /learner: This must be a string") && answers[1].hasPrefix("line 3: Column "))
    }

    @Test func `a line without end is refused`() {
        let problem = #expect(throws: LearnerProblem.self) { try names([String(repeating: "x", count: 2 << 20)]) }
        #expect(problem?.rule == "json.too_many_bytes" && problem?.line == 1)
    }
}
