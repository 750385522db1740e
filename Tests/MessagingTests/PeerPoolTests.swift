import Domain
import Testing
@testable import Messaging

struct PeerPoolTests {
    private func at(_ milliseconds: Int64) -> Moment { Moment(nanoseconds: milliseconds * 1_000_000) }
    private let pong = PeerState.Input.pong(load: 3, draining: false)
    private let drainingPong = PeerState.Input.pong(load: 3, draining: true)

    struct Script: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [(Int64, PeerState.Input)]
        let phase: PeerPhase
        let effects: [PeerState.Effect]
    }

    static let up: [(Int64, PeerState.Input)] = [(0, .writable), (1, .pong(load: 0, draining: false))]

    @Test(arguments: [
        Script(testDescription: "a PONG makes it up", steps: up, phase: .up, effects: [.ping, .usable]),
        Script(testDescription: "a beat too early does nothing", steps: up + [(900, .beat)], phase: .up, effects: [.ping, .usable]),
        Script(testDescription: "one miss", steps: up + [(1000, .beat), (2000, .beat)], phase: .suspect,
               effects: [.ping, .usable, .ping, .suspected, .ping]),
        Script(testDescription: "a late PONG clears the suspicion",
               steps: up + [(1000, .beat), (2000, .beat), (2500, .pong(load: 0, draining: false))], phase: .up,
               effects: [.ping, .usable, .ping, .suspected, .ping, .usable]),
        Script(testDescription: "three misses", steps: up + [(1000, .beat), (2000, .beat), (3000, .beat), (4000, .beat)],
               phase: .down, effects: [.ping, .usable, .ping, .suspected, .ping, .ping, .lost, .close]),
        Script(testDescription: "down is rebuilt after half a second",
               steps: up + [(100, .bye), (500, .beat), (600, .beat)], phase: .connecting,
               effects: [.ping, .usable, .lost, .close, .open, .watchWritable]),
        Script(testDescription: "a lost connection is waited for, not rebuilt", steps: up + [(100, .disconnected)],
               phase: .connecting, effects: [.ping, .usable, .lost, .watchWritable]),
        Script(testDescription: "draining by PONG", steps: up + [(9, .pong(load: 0, draining: true))], phase: .draining,
               effects: [.ping, .usable, .leave]),
        Script(testDescription: "draining by BUSY", steps: up + [(9, .drains), (10, .drains)], phase: .draining,
               effects: [.ping, .usable, .leave]),
        Script(testDescription: "no more draining",
               steps: up + [(9, .drains), (10, .pong(load: 0, draining: false))], phase: .up,
               effects: [.ping, .usable, .leave, .usable]),
        Script(testDescription: "draining and silent", steps: up + [(9, .drains), (1000, .beat), (2000, .beat),
               (3000, .beat), (4000, .beat)], phase: .down,
               effects: [.ping, .usable, .leave, .ping, .ping, .ping, .lost, .close]),
        Script(testDescription: "never connected", steps: [(1000, .beat), (2000, .beat), (3000, .beat)], phase: .down,
               effects: [.watchWritable, .watchWritable, .lost, .close]),
        Script(testDescription: "nothing rouses a peer that is down but time",
               steps: up + [(5, .bye), (6, .pong(load: 0, draining: false)), (7, .disconnected), (8, .writable), (9, .bye)],
               phase: .down, effects: [.ping, .usable, .lost, .close]),
    ])
    func `a peer's state follows its heartbeats`(_ script: Script) {
        var state = PeerState(at: at(0))
        let effects = script.steps.flatMap { state.step($0.1, at: at($0.0)) }
        #expect(state.phase == script.phase && effects == script.effects)
    }

    private func pool(_ count: Int) -> PeerPool {
        var pool = PeerPool()
        for _ in 0..<count {
            let id = pool.add(at: at(0))
            _ = pool.step(id, .writable, at: at(0))
            _ = pool.step(id, pong, at: at(1))
        }
        return pool
    }

    @Test func `only peers that are up are picked, and never the one to avoid`() {
        var random = SplitMix64(seed: 1)
        var pool = pool(4)
        _ = pool.step(0, drainingPong, at: at(2))
        _ = pool.step(1, .bye, at: at(2))
        let drawn = Set((0..<200).map { _ in pool.pick(excluding: nil, using: &random) })
        let avoiding = Set((0..<200).map { _ in pool.pick(excluding: 2, using: &random) })
        pool.retire(3)
        let alone = pool.pick(excluding: 2, using: &random)
        #expect(drawn == [2, 3] && avoiding == [3] && alone == nil)
    }

    @Test(arguments: [2, 3, 8])
    func `of two drawn the less busy one wins, so a busy peer gets less and an idle one all it can`(_ count: Int) {
        var random = SplitMix64(seed: 2)
        var pool = pool(count)
        for _ in 0..<10 { pool.sent(0) }
        var drawn = [Int](repeating: 0, count: count)
        for _ in 0..<4000 { if let id = pool.pick(excluding: nil, using: &random) { drawn[id] += 1 } }
        // The busy one wins no draw against another; every other peer does.
        #expect(drawn[0] == 0 && drawn[1...].allSatisfy { $0 > 4000 / count / 2 }, "\(drawn)")
    }

    @Test func `a removed peer's place is used again`() {
        var pool = pool(3)
        pool.remove(1)
        let id = pool.add(at: at(5))
        #expect(id == 1 && pool.ids == [0, 1, 2] && pool.state(1)?.phase == .connecting && pool.outstanding(99) == 0)
    }

    @Test func `retries are a tenth of the calls after a burst of ten`() {
        var budget = RetryBudget()
        var spent = 0
        for _ in 0..<20 where budget.spend() { spent += 1 }
        for _ in 0..<1001 { budget.earn(); if budget.spend() { spent += 1 } }
        #expect((109...111).contains(spent), "\(spent)")
    }
}
