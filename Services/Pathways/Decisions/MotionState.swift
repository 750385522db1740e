import Domain
import EventLog

/// A proposal that a body certify one text of a pathway version: open, then carried or failed, then nothing more.
struct MotionState: Aggregate {
    typealias Entity = Motion
    static let kind = "motion"

    struct Ballot: Codable, Sendable, Hashable {
        var sector: String
        var choice: BallotChoice
    }

    var id: EntityID<Motion>
    var body: EntityID<GoverningBody>
    var title: String
    var pathway: EntityID<Pathway>
    var version: Int
    /// The text of the version that was before the body.
    var revision: Int
    /// One for each seat. Until the motion is closed, a seat may vote again, and its last ballot counts.
    var ballots: [EntityID<Seat>: Ballot]
    var status: MotionEntry.Status
    /// As it was decided; nil while open.
    var tally: Tally?
    var reason: String?

    init?(_ event: any Event) {
        guard let event = event as? MotionTabled else { return nil }
        id = event.motion
        body = event.body
        title = event.title
        pathway = event.pathway
        version = event.pathwayVersion
        revision = event.pathwayRevision
        ballots = [:]
        status = .open
    }

    mutating func evolve(_ event: any Event) {
        switch event {
        case let event as BallotCast:
            ballots[event.seat] = Ballot(sector: event.sector, choice: event.choice)
        case let event as DecisionCarried:
            status = .carried
            tally = event.tally
        case let event as DecisionFailed:
            status = .failed
            tally = event.tally
            reason = event.reason
        default: break
        }
    }

    func entry(tally: Tally, decidedAt: Timestamp?) -> MotionEntry {
        MotionEntry(
            motion: id, body: body, title: title, pathway: pathway, version: version, pathwayRevision: revision, status: status, tally: tally,
            reason: reason, decidedAt: decidedAt)
    }
}

/// Only a draft of a pathway of this very body can be before it.
func decide(
    _ body: BodyState, tabling command: TableMotion, on pathway: PathwayState?, as id: EntityID<Motion>
) throws(Fault) -> Decision<TableMotion.Reply> {
    guard let pathway, let version = pathway.version(command.version), pathway.body == body.id else {
        throw .refused("motion.pathway", "There is no such version among the pathways that this body decides on.",
                       at: "/version")
    }
    guard !version.isCertified else {
        throw .refused("motion.certified", "This version is certified already.", at: "/version")
    }
    let tabled = MotionTabled(
        motion: id, body: body.id, title: try readText(command.title, at: "/title", limit: 200),
        pathway: pathway.id, pathwayVersion: version.number, pathwayRevision: version.revision)
    return Decision([tabled], reply: TableMotion.Reply(motion: id))
}

/// The same ballot again changes nothing.
func decide(
    _ motion: MotionState, _ command: CastBallot, from seat: SeatEntry, on day: CalendarDate
) throws(Fault) -> Decision<Done> {
    guard motion.status == .open else { throw motion.closed }
    guard seat.isFilled(on: day) else {
        throw .refused("ballot.term", "The term of this seat does not include today.", at: "/seat")
    }
    if motion.ballots[seat.seat]?.choice == command.choice { return Decision([]) }
    return Decision([
        BallotCast(motion: motion.id, seat: seat.seat, sector: seat.sector, choice: command.choice)
    ])
}

/// Decides a motion by its ballots on the day it is closed.
func decide(
    closing motion: MotionState, of body: BodyState, on day: CalendarDate, at now: Timestamp
) throws(Fault) -> Decision<MotionEntry> {
    guard motion.status == .open else { throw motion.closed }
    let tally = Tally(of: motion.ballots.mapValues(\.choice), seats: body.seats, on: day)
    let event: any Event = if let reason = tally.failure(quorum: body.quorum, sectors: body.requiredSectors) {
        DecisionFailed(motion: motion.id, body: body.id, reason: reason, tally: tally)
    } else {
        DecisionCarried(
            motion: motion.id, body: body.id, pathway: motion.pathway, pathwayVersion: motion.version, tally: tally)
    }
    var after = motion
    after.evolve(event)
    return Decision([event], reply: after.entry(tally: tally, decidedAt: now))
}

extension MotionState {
    fileprivate var closed: Fault { .conflict("motion.closed", "This motion is decided already.") }
}

extension Tally {
    /// Counts the seats that are filled on the day, and those that voted while they were: nobody unmakes a ballot by ending
    /// a term.
    init(of ballots: [EntityID<Seat>: BallotChoice], seats: [SeatEntry], on day: CalendarDate) {
        self.init(yes: 0, no: 0, abstain: 0, recused: 0, eligible: 0, sectorsPresent: [])
        var sectors: Set<String> = []
        for seat in seats {
            let choice = ballots[seat.seat]
            guard choice != nil || seat.isFilled(on: day) else { continue }
            eligible += 1
            guard let choice else { continue }
            switch choice {
            case .yes: yes += 1
            case .no: no += 1
            case .abstain: abstain += 1
            case .recuse:
                recused += 1
                eligible -= 1
            }
            if choice != .recuse { sectors.insert(seat.sector) }
        }
        sectorsPresent = sectors.sorted()
    }

    /// Why a motion with these ballots fails, the first of `quorum`, `sectors`, `majority`; nil when it carries.
    /// The quorum cannot ask for more seats than are eligible, and always asks for one.
    func failure(quorum: Int, sectors: [String]) -> String? {
        if yes + no + abstain < max(1, min(quorum, eligible)) { return "quorum" }
        if !sectors.allSatisfy(sectorsPresent.contains) { return "sectors" }
        return yes > no ? nil : "majority"
    }
}
