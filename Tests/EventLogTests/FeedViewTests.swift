import Domain
@testable import EventLog
import Foundation
import Testing

/// Given what was announced and what was read, when a feed is asked for, then only what may have changed is looked at.
@Suite struct FeedViewTests {
    private let history = UUID()

    private func request(_ positions: [Int64], epoch: Int = 1, incarnation: UUID? = nil) -> FeedRequest {
        FeedRequest(
            incarnation: incarnation ?? history,
            cursors: zip(Partition.all, positions).map { .init(partition: $0, epoch: epoch, position: $1) },
            each: 10, total: 10, wait: .seconds(1))
    }

    /// A view that has read these heads.
    private func view(heads: [Int64]) -> FeedView {
        let view = FeedView(), asked = request(heads)
        let look = view.looking(asked)
        #expect(look.places == Array(heads.indices))
        _ = view.saw(look, asked, incarnation: history, epochs: heads.map { _ in 1 }, heads: heads)
        return view
    }

    @Test func `what was read and did not change is not looked at again`() {
        #expect(view(heads: [3, 0, 7]).places(request([3, 0, 7])) == [])
    }

    @Test func `what was announced is, until it was read`() {
        let view = view(heads: [3, 0, 7])
        view.changed([Partition.all[1], Partition.all[1]])
        let asked = request([3, 0, 7])
        let look = view.looking(asked)
        #expect(look.places == [1])
        let branches = view.saw(look, asked, incarnation: history, epochs: [1], heads: [2])
        #expect(branches.heads == [3, 2, 7] && branches.epochs == [1, 1, 1])
        #expect(view.places(request([3, 2, 7])) == [])
    }

    @Test func `what changed while it was read is looked at again`() {
        let view = view(heads: [3])
        view.changed([Partition.all[0]])
        let look = view.looking(request([3]))
        view.changed([Partition.all[0]])
        _ = view.saw(look, request([3]), incarnation: history, epochs: [1], heads: [4])
        #expect(view.places(request([4])) == [0])
    }

    @Test(arguments: [0, 2])
    func `a cursor behind the head or on another branch is looked at`(epoch: Int) throws {
        #expect(view(heads: [3, 5]).places(request([2, 5])) == [0])
        #expect(view(heads: [3, 5]).places(request([3, 5], epoch: epoch)) == [0, 1])
        // What is kept of one branch does not follow a cursor on another.
        let view = view(heads: [3])
        let (appended, units) = try unit(2, last: 5)
        view.committed(appended, units)
        #expect(view.places(request([3], epoch: epoch)) == [0])
    }

    @Test func `a late reader does not take back what a quicker one saw`() {
        let view = view(heads: [3])
        view.changed([Partition.all[0]])
        let slow = view.looking(request([3]))
        view.changed([Partition.all[0]])
        let quick = view.looking(request([3]))
        _ = view.saw(quick, request([3]), incarnation: history, epochs: [1], heads: [5])
        #expect(view.saw(slow, request([3]), incarnation: history, epochs: [1], heads: [4]).heads == [5])
    }

    @Test func `a new branch may begin below the old head`() {
        let view = view(heads: [9])
        let look = view.looking(request([9]), atAll: true)
        let branches = view.saw(look, request([9]), incarnation: history, epochs: [2], heads: [6])
        #expect(branches.heads == [6] && branches.epochs == [2])
    }

    @Test func `what a failover took back is not handed on`() throws {
        let view = view(heads: [3])
        let (appended, units) = try unit(2, last: 5)
        view.committed(appended, units)
        let asked = request([3])
        #expect(view.positions(asked) == [4, 5])
        // The first look at the promoted server, before it has written anything.
        let branches = view.saw(view.looking(asked, atAll: true), asked, incarnation: history, epochs: [1], heads: [3])
        #expect(branches.heads == [3])
        #expect(view.places(asked) == [])
    }

    @Test func `another history, a first contact and the end of a wait look at everything`() {
        let view = view(heads: [3, 5])
        #expect(view.places(request([3, 5]), atAll: true) == [0, 1])
        #expect(view.places(request([3, 5], incarnation: UUID())) == [0, 1])
        var first = request([3, 5])
        first.incarnation = nil
        #expect(view.places(first) == [0, 1])
    }

    // MARK: What this process commits itself

    /// A unit of so many events in the first partition, and what `append` said of it.
    private func unit(_ count: Int, last: Int64, epoch: Int32 = 1, bytes: Int = 2) throws -> (Appended, [AppendUnit]) {
        let unit = AppendUnit(
            stream: EntityID<Learner>(.derived("feed view", String(last), partition: Partition.all[0])).uuid, kind: "tally", learner: nil,
            expected: StateVersion(0), body: [], caller: "test", key: "\(last)", digest: [], answer: .reply(0),
            events: (0..<count).map { _ in
                NewEvent(
                    id: UUID(), type: "race.tallied", version: 1, effectiveAt: .now, actor: "test", authority: "",
                    causedBy: nil, correlation: nil, traceparent: "", payload: Array(repeating: 0, count: bytes))
            })
        return (
            Appended(
                count: count, busy: 0, recordedAt: .now,
                growth: [.init(partition: Partition.all[0], epoch: Int(epoch), last: last, count: count)]),
            [unit])
    }

    @Test func `what follows what is known is handed on without a look`() throws {
        let view = view(heads: [3, 5])
        let (appended, units) = try unit(2, last: 5)
        view.committed(appended, units)
        guard case .known(.batch(history, [1, 1], [5, 5], let events)) = view.glance(request([3, 5]), atAll: false) else {
            Issue.record("it is looked at")
            return
        }
        #expect(events.map(\.position) == [4, 5] && events.map(\.streamVersion) == [1, 2])
        #expect(events.map(\.id) == units[0].events.map(\.id) && events.allSatisfy { $0.stream == units[0].stream })
        #expect(view.positions(request([4, 5])) == [5])
        #expect(view.places(request([5, 5])) == [])
        #expect(view.places(request([2, 5])) == [0], "an older event is not kept")
    }

    @Test func `what nobody waits for is told with what somebody waits for, or when a batch is full`() throws {
        let view = view(heads: [3, 5])
        let (appended, units) = try unit(2, last: 5)
        view.committed(appended, units)
        var asked = request([3, 5])
        asked.types = ["race.mirrored"]
        #expect(view.places(asked) == [])
        asked.types.append("race.tallied")
        #expect(view.positions(asked) == [4, 5])
        asked.types = ["race.mirrored"]
        asked.total = 2
        #expect(view.positions(asked) == [4, 5])
        #expect(view.places(asked, atAll: true) == [0, 1])
    }

    @Test func `what follows a gap, or stands on another branch, is looked at`() throws {
        for (last, epoch) in [(Int64(6), Int32(1)), (5, 2)] {
            let view = view(heads: [3])
            let (appended, units) = try unit(2, last: last, epoch: epoch)
            view.committed(appended, units)
            #expect(view.places(request([3])) == [0])
        }
    }

    @Test func `what is pending, or was not counted as ours, is looked at`() throws {
        for growth in [[], [Appended.Growth(partition: Partition.all[0], epoch: 1, last: 4, count: 1)]] {
            let view = view(heads: [3])
            let (appended, units) = try unit(2, last: 5)
            view.committed(
                Appended(count: 2, busy: 1, recordedAt: appended.recordedAt, growth: growth), units)
            #expect(view.places(request([3])) == [0])
        }
    }

    @Test func `what was announced beside our own commit is not taken for read`() throws {
        let view = view(heads: [3])
        view.changed([Partition.all[0]])
        let (appended, units) = try unit(2, last: 5)
        view.committed(appended, units)
        #expect(view.places(request([3])) == [0])
    }

    @Test func `what others wrote in between makes the events before it unknown`() throws {
        let view = view(heads: [3])
        var (appended, units) = try unit(1, last: 4)
        view.committed(appended, units)
        let all = request([4])
        _ = view.saw(view.looking(all, atAll: true), all, incarnation: history, epochs: [1], heads: [6])
        (appended, units) = try unit(1, last: 7)
        view.committed(appended, units)
        #expect(view.places(request([4])) == [0])
        #expect(view.positions(request([6])) == [7])
    }

    @Test func `no more is kept than is bounded`() throws {
        let view = view(heads: [0])
        for last in 1...Int64(FeedView.tailMax + 1) {
            let (appended, units) = try unit(1, last: last)
            view.committed(appended, units)
        }
        #expect(view.places(request([0])) == [0])
        #expect(view.positions(request([Int64(FeedView.tailMax + 1) - 10]))?.count == 10)
        let (appended, units) = try unit(1, last: Int64(FeedView.tailMax + 2), bytes: FeedView.tailBytesMax + 1)
        view.committed(appended, units)
        #expect(view.places(request([Int64(FeedView.tailMax + 1)])) == [0])
    }

    @Test func `a batch has as many as were asked for`() throws {
        let view = view(heads: [0])
        let (appended, units) = try unit(20, last: 20)
        view.committed(appended, units)
        #expect(view.positions(request([0])) == Array(1...10))
    }
}

extension FeedView {
    /// Which places are looked at; nil when everything is known.
    fileprivate func places(_ request: FeedRequest, atAll: Bool = false) -> [Int]? {
        switch glance(request, atAll: atAll) {
        case .nothing: []
        case .known: nil
        case .look(let look): look.places
        }
    }

    fileprivate func looking(_ request: FeedRequest, atAll: Bool = false) -> Look {
        guard case .look(let look) = glance(request, atAll: atAll) else { preconditionFailure("nothing is looked at") }
        return look
    }

    /// Of the events handed on without a look.
    fileprivate func positions(_ request: FeedRequest) -> [Int64]? {
        guard case .known(.batch(_, _, _, let events)) = glance(request, atAll: false) else { return nil }
        return events.map(\.position)
    }
}
