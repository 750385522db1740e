import Domain
import Support
import Testing
@testable import Records

@Suite struct LearnerTests {
    static let command = RegisterLearner(
        organization: school, givenName: "Ada", familyName: "Reyes", birthDate: day("2010-02-28"))

    @Test(arguments: [
        ("1900-01-01", "none"), ("1899-12-31", "birth_date.past"), ("2026-11-21", "none"),
        ("2026-11-22", "birth_date.future"),
    ])
    func `a birth date lies between 1900 and today`(birthDate: String, expected: String) async {
        var command = Self.command
        command.birthDate = day(birthDate)
        #expect(await rule { try command.read(today: RecordsUnderTest.today) } == expected)
    }

    @Test(arguments: [
        ("", "text.length"), ("   ", "text.blank"), (String(repeating: "x", count: 201), "text.length"),
        (String(repeating: "x", count: 200), "none"), ("A\u{0}da", "text.control"), ("O'Neil-Ñ \u{202E}x", "none"),
        ("e" + String(repeating: "\u{0301}", count: 500), "text.length"), ("王", "none"),
    ])
    func `a name is bounded and free of control characters, and otherwise as given`(
        name: String, expected: String
    ) async {
        var command = Self.command
        command.familyName = name
        #expect(await rule { try command.read(today: RecordsUnderTest.today) } == expected)
    }

    @Test func `registering says who it is and each identifier once`() async throws {
        let claim = IdentifierClaim(system: "state", kind: "state_id", value: "Zoe\u{0308}")
        var command = Self.command
        command.identifiers = [claim, IdentifierClaim(system: "state", kind: "state_id", value: "Zo\u{00EB}")]
        #expect(await rule { try command.read(today: RecordsUnderTest.today) } == "identifier.duplicate")

        command.identifiers = [claim]
        let id = EntityID<Learner>.make()
        let decision = decide(try command.read(today: RecordsUnderTest.today), as: id)
        var learner = try #require(LearnerState(decision.events[0]))
        for event in decision.events.dropFirst() { learner.evolve(event) }
        #expect(learner.identifiers.map { Array($0.value.utf8) } == [Array("Zo\u{00EB}".utf8)])
    }

    @Test func `what the learner goes by already is claimed again without an event`() throws {
        let id = EntityID<Learner>.make()
        var learner = try #require(LearnerState(decide(Self.command, as: id).events[0]))
        let claim = IdentifierClaim(system: "sis", kind: "student_number", value: "7")
        let first = try decide(learner, claim).events
        for event in first { learner.evolve(event) }
        #expect(first.count == 1)
        #expect(try decide(learner, claim).events.isEmpty)
    }

    @Test(.timeLimit(.minutes(2)))
    func `of many learners with one identifier exactly one gets it, and others in the same commits are unharmed`()
        async throws {
        try await withRecords { records in
            let shared = IdentifierClaim(system: "state", kind: "state_id", value: "caf\u{00E9}")
            let decomposed = IdentifierClaim(system: "state", kind: "state_id", value: "cafe\u{0301}")
            let outcomes = await withTaskGroup(of: (Bool, String).self) { group in
                for number in 0..<60 {
                    let contested = number.isMultiple(of: 3)
                    let own = IdentifierClaim(system: "sis", kind: "student_number", value: "\(number)")
                    group.addTask {
                        (contested, await rule {
                            try await records.register(
                                contested ? [own, number.isMultiple(of: 2) ? shared : decomposed] : [own])
                        })
                    }
                }
                return await group.reduce(into: [(Bool, String)]()) { $0.append($1) }
            }
            #expect(outcomes.filter { !$0.0 }.map(\.1) == Array(repeating: "none", count: 40))
            #expect(outcomes.filter { $0.0 }.map(\.1).sorted()
                    == Array(repeating: "identifier.taken", count: 19) + ["none"])
            let rows = try await records.log.reader.query("SELECT count(*) FROM identifier_claim")
            #expect(try rows.decode(Int.self) == [42])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an identifier claimed later is unique too, and a repeat meets its first answer`() async throws {
        try await withRecords { records in
            let claim = IdentifierClaim(system: "state", kind: "state_id", value: "1")
            let first = try await records.register([claim])
            let second = try await records.register()
            let handler = ClaimIdentifierHandler(learners: records.learners)
            let taken = ClaimIdentifier(learner: second, claim: claim)
            #expect(await rule {
                try await records.ask(handler, taken, as: .registrar(school))
            } == "identifier.taken")

            let fresh = ClaimIdentifier(
                learner: second, claim: IdentifierClaim(system: "state", kind: "state_id", value: "2"))
            _ = try await records.ask(handler, fresh, as: .registrar(school), key: "k")
            _ = try await records.ask(handler, fresh, as: .registrar(school), key: "k")
            #expect(try await records.events(of: second.uuid)
                    == ["records.learner_registered", "records.identifier_claimed"])

            let reply = try await records.ask(
                GetLearnerHandler(learners: records.learners), GetLearner(learner: first), as: .learner(first))
            #expect(reply.identifiers == [claim])
            let custody = GetCustodianHandler(learners: records.learners)
            let custodians = [
                try await records.ask(custody, GetCustodian(learner: first), as: .service("assessment")),
                try await records.ask(custody, GetCustodian(learner: .make()), as: .service("assessment")),
            ]
            #expect(custodians.map(\.organization) == [school, nil])
            #expect(await rule {
                try await records.ask(custody, GetCustodian(learner: first), as: .learner(first))
            } == "forbidden")
            #expect(await rule {
                try await records.ask(
                    GetLearnerHandler(learners: records.learners), GetLearner(learner: first), as: .learner(second))
            } == "not_found")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an answer that a former build kept is given again, to the same request alone`() async throws {
        try await withRecords { records in
            let handler = RegisterLearnerHandler(learners: records.learners)
            func ask(_ command: RegisterLearner) async throws -> EntityID<Learner> {
                try await records.ask(handler, command, as: .registrar(school), key: "k").learner
            }
            let first = try await ask(Self.command)
            _ = try await records.log.pool.withConnection { connection in
                try connection.execute("UPDATE idempotency SET digest = sha256(\(Wire.encode(Self.command)))")
            }
            #expect(try await ask(Self.command) == first)
            var other = Self.command
            other.givenName = "Bea"
            #expect(await rule { try await ask(other) } == "key_reused")
        }
    }
}
