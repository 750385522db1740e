import Domain
import Foundation
import Testing
@testable import Records

@Suite struct PairwiseTests {
    let ids = PairwiseIDs(masterKey: (0..<32).map { UInt8($0) })!

    @Test func `a key shorter than 32 bytes is refused`() {
        #expect(PairwiseIDs(masterKey: Array(repeating: 1, count: 31)) == nil)
    }

    @Test func `ids are stable, and the same for nobody and nothing else`() {
        let learner = EntityID<Learner>("6b2a1f6c-0f0e-7c3d-8a51-2d0c4f8e9a11")!
        let partner = EntityID<Partner>("018f3c6e-7d1a-7bbb-9c9c-0123456789ab")!
        let other = EntityID<Partner>("018f3c6e-7d1a-7bbb-9c9c-0123456789ac")!
        let another = PairwiseIDs(masterKey: Array(repeating: 9, count: 32))!
        // The same bytes as learner, event and reference, for two partners, under two deployments' keys.
        let made = [ids.of(partner), ids.of(other), another.of(partner)].flatMap {
            [$0.learner(learner), $0.event(learner.uuid), $0.reference(learner.uuid)]
        }
        #expect(Set(made + [learner.uuid]).count == 10)
        // Computed apart from this code; a partner's copy depends on it for ever.
        #expect(ids.of(partner).learner(learner).text == "55f17685-0bf5-8e1c-a9a2-097e9b773db0")
    }

    /// Two partners who put their lists together find nothing in common: no id, and no part of one that goes with the
    /// learner's partition or with the other partner's id.
    @Test func `two partners cannot join their learners`() {
        let learners = (0..<2000).map { _ in EntityID<Learner>.make() }
        let one = ids.of(.make()), two = ids.of(.make())
        let mine = learners.map(one.learner), theirs = learners.map(two.learner)
        #expect(Set(mine).intersection(theirs).isEmpty && Set(mine).count == 2000)
        let samePartition = zip(learners, mine).count { $0.partition == Partition(of: $1) }
        let sameBetween = zip(mine, theirs).count { Partition(of: $0) == Partition(of: $1) }
        // By chance one in 64: 31 of 2000, deviation 5.5.
        #expect((5...70).contains(samePartition) && (5...70).contains(sameBetween))
        #expect(mine.allSatisfy { $0.uuid.6 >> 4 == 8 && $0.uuid.8 >> 6 == 2 })
    }
}
