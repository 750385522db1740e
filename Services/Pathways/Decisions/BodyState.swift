import Domain
import EventLog

/// A governing body: its seats, and what makes its decisions valid.
struct BodyState: Aggregate {
    typealias Entity = GoverningBody
    static let kind = "body"
    static let noun = "governing body"
    static let seatsMax = 500

    var id: EntityID<GoverningBody>
    var title: String
    var jurisdiction: String
    var requiredSectors: [String]
    var quorum: Int
    /// All that were ever filled; a seat has one holder, and its next holder fills another.
    var seats: [SeatEntry]

    init?(_ event: any Event) {
        guard let event = event as? BodyConstituted else { return nil }
        id = event.body
        title = event.title
        jurisdiction = event.jurisdiction
        requiredSectors = event.requiredSectors
        quorum = event.quorum
        seats = []
    }

    mutating func evolve(_ event: any Event) {
        switch event {
        case let event as SeatFilled: seats.append(event.seat)
        case let event as SeatVacated:
            if let place = seats.firstIndex(where: { $0.seat == event.seat }) { seats[place].until = event.until }
        default: break
        }
    }

    func seat(_ id: EntityID<Seat>) -> SeatEntry? { seats.first { $0.seat == id } }
}

extension SeatEntry {
    /// Whether its holder may act on this day; the last day of a term counts.
    func isFilled(on day: CalendarDate) -> Bool { from <= day && until.map { day <= $0 } ?? true }

    /// Whether there is a day on which both are filled.
    fileprivate func overlaps(_ other: SeatEntry) -> Bool {
        let first = max(from, other.from)
        return isFilled(on: first) && other.isFilled(on: first)
    }
}

extension ConstituteBody {
    static let quorumMax = 500

    func read() throws(Fault) -> ConstituteBody {
        var command = self
        command.title = try readText(title, at: "/title", limit: 200)
        command.jurisdiction = try readText(jurisdiction, at: "/jurisdiction", limit: 100)
        guard (1...20).contains(requiredSectors.count) else {
            throw .invalid("/requiredSectors", "sectors.count", "Name 1 to 20 sectors.")
        }
        var sectors: [String] = []
        for (number, sector) in requiredSectors.enumerated() {
            let sector = try readText(sector, at: "/requiredSectors/\(number)", limit: 100)
            guard !sectors.contains(sector) else {
                throw .invalid("/requiredSectors/\(number)", "sectors.duplicate", "This sector is named twice.")
            }
            sectors.append(sector)
        }
        command.requiredSectors = sectors
        guard (1...Self.quorumMax).contains(quorum) else {
            throw .invalid("/quorum", "quorum", "A quorum is 1 to \(Self.quorumMax) seats.")
        }
        return command
    }
}

func decide(_ command: ConstituteBody, as id: EntityID<GoverningBody>) -> Decision<ConstituteBody.Reply> {
    let constituted = BodyConstituted(
        body: id, title: command.title, jurisdiction: command.jurisdiction,
        requiredSectors: command.requiredSectors, quorum: command.quorum)
    return Decision([constituted], reply: ConstituteBody.Reply(body: id))
}

extension FillSeat {
    func read() throws(Fault) -> FillSeat {
        var command = self
        command.sector = try readText(sector, at: "/sector", limit: 100)
        command.holder = try readText(holder, at: "/holder", limit: 255)
        try readTerm(from: from, until: until)
        return command
    }
}

func decide(
    _ body: BodyState, _ command: FillSeat, as id: EntityID<Seat>
) throws(Fault) -> Decision<FillSeat.Reply> {
    guard body.seats.count < BodyState.seatsMax else {
        throw .refused("seat.limit", "A body has at most \(BodyState.seatsMax) seats, past ones included.")
    }
    let seat = SeatEntry(
        seat: id, sector: command.sector, holder: command.holder, from: command.from, until: command.until)
    // Who had two votes would be a quorum of one.
    if let other = body.seats.first(where: { $0.holder == seat.holder && $0.overlaps(seat) }) {
        throw .refused(
            "seat.holder", "This holder has seat \(other.seat) of this body in the same term. Vacate that one first.",
            at: "/holder")
    }
    return Decision([SeatFilled(body: body.id, seat: seat)], reply: FillSeat.Reply(seat: id))
}

/// A term is never ended in the past: whoever voted or made a quorum then did so.
func decide(_ body: BodyState, _ command: VacateSeat, on today: CalendarDate) throws(Fault) -> Decision<Done> {
    guard let seat = body.seat(command.seat) else { throw .notFound("seat of this body") }
    guard command.until >= today else {
        throw .invalid("/until", "seat.past", "The last day of a seat is today at the earliest.")
    }
    if let until = seat.until, until <= command.until {
        throw .conflict("seat.ended", "The term of this seat ends on \(until) already.")
    }
    return Decision([SeatVacated(body: body.id, seat: seat.seat, until: command.until)])
}
