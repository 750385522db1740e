import Domain
import EventLog
import Support
import Testing
@testable import Pathways

@Suite struct MotionTests {
    static let today = PathwaysUnderTest.today
    static let sectors = ["employers", "schools"]

    static let pathway: PathwayState = {
        let document = PathwayDocument.welder()
        return PathwayState(PathwayDrafted(
            pathway: .following("p"), body: body([]).id, pathwayVersion: 1, document: document))!
    }()

    static func body(_ seats: [SeatEntry], quorum: Int = 2) -> BodyState {
        let id = EntityID<GoverningBody>.following("body")
        var body = BodyState(BodyConstituted(
            body: id, title: "Board", jurisdiction: "state", requiredSectors: sectors, quorum: quorum))!
        for seat in seats { body.evolve(SeatFilled(body: id, seat: seat)) }
        return body
    }

    static func seat(
        _ number: Int, _ sector: String, from: CalendarDate = day("2026-01-01"), until: CalendarDate? = nil
    ) -> SeatEntry {
        SeatEntry(seat: .following("seat\(number)"), sector: sector, holder: "client:\(number)", from: from, until: until)
    }

    static func motion() throws -> MotionState {
        let tabled = try decide(
            body([]), tabling: TableMotion(body: body([]).id, title: "Certify", pathway: pathway.id, version: 1),
            on: pathway, as: .following("motion"))
        return try #require(tabled.events.first.flatMap { MotionState($0) })
    }

    @Test func `only an uncertified version of the body's own pathway can be tabled`() async throws {
        func rule(_ body: BodyState, _ pathway: PathwayState?, version: Int = 1) async -> String {
            await PathwaysTests.rule {
                try decide(
                    body, tabling: TableMotion(body: body.id, title: "T", pathway: Self.pathway.id, version: version),
                    on: pathway, as: .following("m"))
            }
        }
        var certified = Self.pathway
        certified.evolve(PathwayCertified(
            pathway: certified.id, pathwayVersion: 1, title: "", motion: .following("m"), recognitions: []))
        var other = Self.body([])
        other.id = .following("other")
        #expect(await [
            rule(Self.body([]), Self.pathway), rule(Self.body([]), nil), rule(Self.body([]), Self.pathway, version: 2),
            rule(other, Self.pathway), rule(Self.body([]), certified),
        ] == ["none", "motion.pathway", "motion.pathway", "motion.pathway", "motion.certified"])
    }

    @Test func `the last ballot of a seat counts, within its term, until the motion is closed`() async throws {
        let seats = [Self.seat(1, "employers"), Self.seat(2, "schools"),
                     Self.seat(3, "schools", until: day("2026-11-20")),
                     Self.seat(4, "schools", from: day("2026-11-22"))]
        let body = Self.body(seats)
        var motion = try Self.motion()
        func cast(_ choice: BallotChoice, _ seat: Int) throws {
            let command = CastBallot(motion: motion.id, seat: seats[seat].seat, choice: choice)
            for event in try decide(motion, command, from: seats[seat], on: Self.today).events { motion.evolve(event) }
        }
        try cast(.no, 0)
        try cast(.yes, 0)
        try cast(.abstain, 1)
        #expect(await rule { try cast(.yes, 2) } == "ballot.term")
        #expect(await rule { try cast(.yes, 3) } == "ballot.term")
        let again = CastBallot(motion: motion.id, seat: seats[0].seat, choice: .yes)
        #expect(try decide(motion, again, from: seats[0], on: Self.today).events.isEmpty)

        let closing = try decide(closing: motion, of: body, on: Self.today, at: .now)
        motion.evolve(closing.events[0])
        #expect(motion.status == .carried && motion.tally == Tally(
            yes: 1, no: 0, abstain: 1, recused: 0, eligible: 2, sectorsPresent: ["employers", "schools"]))
        #expect(await rule { try cast(.no, 0) } == "motion.closed")
        #expect(await rule { try decide(closing: motion, of: body, on: Self.today, at: .now) } == "motion.closed")
    }

    @Test func `nobody holds two seats of a body at a time, and a seat can be vacated`() async throws {
        var body = Self.body([])
        func fill(_ name: String, _ holder: String, from: String, until: String? = nil) throws -> EntityID<Seat> {
            let command = FillSeat(
                body: body.id, sector: "schools", holder: holder, from: day(from), until: until.map { day($0) })
            for event in try decide(body, command, as: .following(name)).events { body.evolve(event) }
            return .following(name)
        }
        func vacate(_ seat: EntityID<Seat>, _ until: String) throws {
            let command = VacateSeat(body: body.id, seat: seat, until: day(until))
            for event in try decide(body, command, on: day("2025-12-31")).events { body.evolve(event) }
        }
        let first = try fill("1", "ada", from: "2026-01-01")
        _ = try fill("2", "ben", from: "2026-01-01", until: "2026-06-30")
        #expect(await rule { try fill("3", "ada", from: "2025-01-01", until: "2026-01-01") } == "seat.holder")
        #expect(await rule { try fill("3", "ada", from: "2030-01-01") } == "seat.holder")
        #expect(await rule { try fill("3", "ben", from: "2026-06-30") } == "seat.holder")
        _ = try fill("3", "ada", from: "2025-01-01", until: "2025-12-31")
        _ = try fill("4", "ben", from: "2026-07-01")

        try vacate(first, "2026-03-31")
        #expect(body.seat(first)?.isFilled(on: day("2026-03-31")) == true)
        #expect(body.seat(first)?.isFilled(on: day("2026-04-01")) == false)
        #expect(await rule { try vacate(first, "2026-03-31") } == "seat.ended")
        #expect(await rule { try vacate(first, "2026-12-31") } == "seat.ended")
        #expect(await rule { try vacate(.following("9"), "2026-12-31") } == "not_found")
        _ = try fill("5", "ada", from: "2026-04-01")
        #expect(await rule { try vacate(first, "2025-12-30") } == "seat.past")
        // Before its first day: it never was.
        try vacate(first, "2025-12-31")
        #expect(body.seat(first)?.isFilled(on: day("2026-01-01")) == false)
    }

    /// A clerk could otherwise carry any motion by ending the terms of those who voted no.
    @Test func `the vote of who left since counts, and the seat of who left without one does not`() throws {
        let seats = [Self.seat(1, "employers"), Self.seat(2, "schools"), Self.seat(3, "schools"), Self.seat(4, "schools")]
        var body = Self.body(seats)
        var motion = try Self.motion()
        for seat in seats.dropLast() {
            let command = CastBallot(motion: motion.id, seat: seat.seat, choice: seat == seats[2] ? .no : .yes)
            for event in try decide(motion, command, from: seat, on: Self.today).events { motion.evolve(event) }
        }
        for seat in seats[2...] {
            let command = VacateSeat(body: body.id, seat: seat.seat, until: Self.today)
            for event in try decide(body, command, on: Self.today).events { body.evolve(event) }
        }
        let tomorrow = CalendarDate(daysSince1970: Self.today.daysSince1970 + 1)
        let entry = try decide(closing: motion, of: body, on: tomorrow, at: .now).answer.get()
        #expect(entry.tally.yes == 2 && entry.tally.no == 1 && entry.tally.eligible == 3)
    }

    /// (choices of: employers, employers, schools, schools), quorum, and what becomes of it.
    @Test(arguments: [
        ([.yes, nil, .yes, nil], 2, nil), ([.yes, nil, .yes, nil], 3, "quorum"), ([nil, nil, nil, nil], 1, "quorum"),
        // A recusal lowers what the quorum may ask for, and takes its sector away.
        ([.yes, .recuse, .yes, .recuse], 4, nil), ([.yes, .yes, .recuse, .recuse], 2, "sectors"),
        ([.recuse, .recuse, .recuse, .recuse], 2, "quorum"), ([.yes, .yes, nil, nil], 2, "sectors"),
        ([.yes, nil, .no, nil], 2, "majority"), ([.yes, nil, .abstain, .abstain], 3, nil),
        ([.abstain, nil, .abstain, nil], 2, "majority"), ([.no, .yes, .yes, nil], 2, nil),
    ] as [([BallotChoice?], Int, String?)])
    func `a motion carries with quorum, every required sector and more yes than no`(
        choices: [BallotChoice?], quorum: Int, failure: String?
    ) throws {
        let seats = choices.indices.map { Self.seat($0, Self.sectors[$0 / 2]) }
        var motion = try Self.motion()
        for (seat, choice) in zip(seats, choices) {
            guard let choice else { continue }
            motion.evolve(BallotCast(motion: motion.id, seat: seat.seat, sector: seat.sector, choice: choice))
        }
        let reply = try decide(
            closing: motion, of: Self.body(seats, quorum: quorum), on: Self.today, at: .now).answer.get()
        #expect(reply.reason == failure && reply.status == (failure == nil ? .carried : .failed))
    }

    @Test(arguments: [UInt64.random(in: .min ... .max)])
    func `a tally is what a clerk counts ballot by ballot`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2000 {
            let seats = (0..<Int.random(in: 0...6, using: &random)).map { number in
                let from = CalendarDate(daysSince1970: Self.today.daysSince1970 + .random(in: -3...1, using: &random))
                let until = Bool.random(using: &random)
                    ? nil : CalendarDate(daysSince1970: from.daysSince1970 + .random(in: 0...4, using: &random))
                return Self.seat(number, Self.sectors.randomElement(using: &random)!, from: from, until: until)
            }
            var ballots: [EntityID<Seat>: BallotChoice] = [:]
            for seat in seats where Bool.random(using: &random) {
                ballots[seat.seat] = BallotChoice.allCases.randomElement(using: &random)!
            }
            ballots[.following("nobody's")] = .yes
            let quorum = Int.random(in: 1...6, using: &random)
            let tally = Tally(of: ballots, seats: seats, on: Self.today)
            let clerk = Clerk(ballots, seats, Self.today)
            #expect(tally == clerk.tally, "seed \(seed)")
            #expect(tally.failure(quorum: quorum, sectors: Self.sectors)
                    == clerk.failure(quorum: quorum, sectors: Self.sectors), "seed \(seed)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a ballot is cast by the holder of the seat alone, and a decided motion stays as it was decided`() async throws {
        try await withPathways { pathways in
            let (body, seat) = try await pathways.body()
            let pathway = try await pathways.draft(.welder(), for: body)
            let motion = try await pathways.motion(body, pathway)
            let handler = CastBallotHandler(governance: pathways.governance)
            let ballot = CastBallot(motion: motion, seat: seat, choice: .yes)
            let strangers: [Subject] = [
                .member(of: body, id: "client:other"), .member(of: .following("another")), .clerk(body), .operator,
            ]
            var refusals: [String] = []
            for subject in strangers {
                refusals.append(await rule { try await pathways.ask(handler, ballot, as: subject) })
            }
            #expect(refusals == ["not_found", "not_found", "forbidden", "forbidden"])
            try await pathways.vote(.yes, from: seat, of: body, on: motion)

            let get = GetMotionHandler(governance: pathways.governance)
            let open = try await pathways.ask(get, GetMotion(motion: motion), as: .learner(.make()))
            #expect(open.status == .open && open.tally.yes == 1 && open.decidedAt == nil)
            #expect(await rule {
                try await pathways.ask(
                    CloseMotionHandler(governance: pathways.governance), CloseMotion(motion: motion),
                    as: .clerk(.following("another")))
            } == "not_found")
            let closed = try await pathways.close(motion, of: body)
            #expect(closed.status == .carried)
            #expect(try await pathways.ask(get, GetMotion(motion: motion), as: .operator) == closed)
            #expect(await rule {
                try await pathways.vote(.no, from: seat, of: body, on: motion)
            } == "motion.closed")
            #expect(try await pathways.events(of: motion.uuid) == ["motion_tabled", "ballot_cast", "decision_carried"])
        }
    }
}

/// Counts by walking through everything for each number.
private struct Clerk {
    /// On the day, or when they voted.
    var filled: [SeatEntry]
    var ballots: [EntityID<Seat>: BallotChoice]

    init(_ ballots: [EntityID<Seat>: BallotChoice], _ seats: [SeatEntry], _ day: CalendarDate) {
        filled = []
        for seat in seats {
            if ballots[seat.seat] == nil {
                if seat.from > day { continue }
                if let until = seat.until, until < day { continue }
            }
            filled.append(seat)
        }
        self.ballots = ballots
    }

    func count(_ choice: BallotChoice) -> Int { filled.filter { ballots[$0.seat] == choice }.count }

    func isPresent(_ sector: String) -> Bool {
        filled.contains { seat in
            guard seat.sector == sector, let choice = ballots[seat.seat] else { return false }
            return [.yes, .no, .abstain].contains(choice)
        }
    }

    var tally: Tally {
        Tally(
            yes: count(.yes), no: count(.no), abstain: count(.abstain), recused: count(.recuse),
            eligible: filled.count - count(.recuse), sectorsPresent: MotionTests.sectors.filter(isPresent).sorted())
    }

    func failure(quorum: Int, sectors: [String]) -> String? {
        let present = count(.yes) + count(.no) + count(.abstain)
        let eligible = filled.count - count(.recuse)
        if present == 0 || (present < quorum && present < eligible) { return "quorum" }
        if sectors.contains(where: { !isPresent($0) }) { return "sectors" }
        return count(.yes) > count(.no) ? nil : "majority"
    }
}
