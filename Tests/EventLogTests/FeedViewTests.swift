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
        let look = view.look(asked, atAll: false)
        #expect(look.places == Array(heads.indices))
        _ = view.saw(look, asked, incarnation: history, epochs: heads.map { _ in 1 }, heads: heads)
        return view
    }

    @Test func `what was read and did not change is not looked at again`() {
        #expect(view(heads: [3, 0, 7]).look(request([3, 0, 7]), atAll: false).places == [])
    }

    @Test func `what was announced is, until it was read`() {
        let view = view(heads: [3, 0, 7])
        view.changed([Partition.all[1], Partition.all[1]])
        let asked = request([3, 0, 7])
        let look = view.look(asked, atAll: false)
        #expect(look.places == [1])
        let branches = view.saw(look, asked, incarnation: history, epochs: [1], heads: [2])
        #expect(branches.heads == [3, 2, 7] && branches.epochs == [1, 1, 1])
        #expect(view.look(request([3, 2, 7]), atAll: false).places == [])
    }

    @Test func `what changed while it was read is looked at again`() {
        let view = view(heads: [3])
        view.changed([Partition.all[0]])
        let look = view.look(request([3]), atAll: false)
        view.changed([Partition.all[0]])
        _ = view.saw(look, request([3]), incarnation: history, epochs: [1], heads: [4])
        #expect(view.look(request([4]), atAll: false).places == [0])
    }

    @Test func `a cursor behind the head or on an older branch is looked at`() {
        #expect(view(heads: [3, 5]).look(request([2, 5]), atAll: false).places == [0])
        #expect(view(heads: [3, 5]).look(request([3, 5], epoch: 0), atAll: false).places == [0, 1])
    }

    @Test func `a late reader does not take back what a quicker one saw`() {
        let view = view(heads: [3])
        view.changed([Partition.all[0]])
        let slow = view.look(request([3]), atAll: false), quick = view.look(request([3]), atAll: false)
        _ = view.saw(quick, request([3]), incarnation: history, epochs: [1], heads: [5])
        #expect(view.saw(slow, request([3]), incarnation: history, epochs: [1], heads: [4]).heads == [5])
    }

    @Test func `a new branch may begin below the old head`() {
        let view = view(heads: [9])
        let look = view.look(request([9]), atAll: true)
        let branches = view.saw(look, request([9]), incarnation: history, epochs: [2], heads: [6])
        #expect(branches.heads == [6] && branches.epochs == [2])
    }

    @Test func `another history, a first contact and the end of a wait look at everything`() {
        let view = view(heads: [3, 5])
        #expect(view.look(request([3, 5]), atAll: true).places == [0, 1])
        #expect(view.look(request([3, 5], incarnation: UUID()), atAll: false).places == [0, 1])
        var first = request([3, 5])
        first.incarnation = nil
        #expect(view.look(first, atAll: false).places == [0, 1])
    }
}
