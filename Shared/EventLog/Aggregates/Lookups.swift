import Domain
import Foundation

/// The state of an aggregate that a decision about another one relied on. When it has moved on before the commit, the
/// decision is made again.
package struct Reliance: Sendable {
    let partition: Partition
    let id: UUID
    let version: StateVersion
}

/// Looks up what a decision needs of other aggregates of the service, and notes what it relies on.
package final class Lookups {
    /// Whether it takes what this process remembers, which a commit checks; a refusal is never given on that.
    private let trustsMemory: Bool
    private(set) var reliances: [Reliance] = []

    init(trustsMemory: Bool) { self.trustsMemory = trustsMemory }

    /// The state on which the decision may rely; nil when there is no such aggregate.
    package func find<State: Aggregate>(
        _ id: EntityID<State.Entity>, of store: AggregateStore<State>
    ) async throws(Fault) -> State? {
        let loaded = try await store.lookUp(id, trustingMemory: trustsMemory)
        guard let state = loaded.state else { return nil }
        reliances.append(Reliance(partition: id.partition, id: id.uuid, version: loaded.version))
        return state
    }
}
