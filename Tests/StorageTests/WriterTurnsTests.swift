import Foundation
import Glibc
@testable import Storage
import Support
import Testing

@Suite struct WriterTurnsTests {
    private func isRung(_ bell: Doorbell) -> Bool {
        var ready = pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, 0) == 1
    }

    @Test func `beside a group under way only a crowd begins, or who has waited for long`() {
        let turns = WriterTurns(), now = ContinuousClock.now + .seconds(1)
        let one = turns.join(Doorbell()), two = turns.join(Doorbell())
        #expect(turns.mayBegin(one, waiting: 1, since: now))
        turns.note(one, isBusy: true)
        #expect(!turns.mayBegin(two, waiting: WriterTurns.crowd - 1, since: now))
        #expect(turns.mayBegin(two, waiting: WriterTurns.crowd, since: now))
        #expect(turns.mayBegin(two, waiting: 1, since: .now - WriterTurns.patience))
        turns.note(one, isBusy: false)
        #expect(turns.mayBegin(two, waiting: 1, since: now))
    }

    @Test func `who stands aside is told when the other has ended, once, and nobody else`() {
        let turns = WriterTurns(), bells = [Doorbell(), Doorbell(), Doorbell()]
        let one = turns.join(bells[0]), two = turns.join(bells[1])
        _ = turns.join(bells[2])
        turns.note(one, isBusy: true)
        #expect(!turns.mayBegin(two, waiting: 1, since: .now + .seconds(1)))
        #expect(!isRung(bells[1]))
        turns.note(one, isBusy: false)
        #expect(bells.map(isRung) == [false, true, false])
        bells[1].clear()
        turns.note(one, isBusy: true)
        turns.note(one, isBusy: false)
        #expect(!bells.map(isRung).contains(true))
    }

    @Test func `a moment that has come is not waited for, and none is missed`() {
        let now = ContinuousClock.now
        #expect(patience(until: now, at: now) == 0)
        #expect(patience(until: now - .seconds(1), at: now) == 0)
        #expect(patience(until: now + .nanoseconds(1), at: now) == 1)
        #expect(patience(until: now + .microseconds(4200), at: now) == 5)
        #expect(patience(until: now + .seconds(3600), at: now) == 60_000)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a group that hangs holds up no other writer`() async throws {
        try await withTestDatabase { database in
            let pool = try await makeEntries(database), turns = WriterTurns()
            let slow = makeWriter(database.configuration(), turns: turns)
            let quick = makeWriter(database.configuration(), turns: turns)
            async let hanging = slow.submit(Entry(n: 1, delay: 3))
            let sleeping: SQL = """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
                """
            while try await pool.withConnection({ try $0.execute(sleeping).decode(Int.self) }) == [0] {}
            let begin = ContinuousClock.now
            _ = try await quick.submit(Entry(n: 2))
            #expect(.now - begin < .seconds(2))
            _ = try await hanging
            await slow.close()
            await quick.close()
            await pool.close()
        }
    }
}
