import Domain
import ServiceKit
import Storage

extension AggregateStore {
    /// As `change`, in one transaction on a leased connection: for a decision that needs a lock, or that comes with more
    /// rows than travel in a unit (an import). What `decide` executes on the connection, the state and the events are
    /// committed together or not at all; nothing is kept when it throws.
    ///
    /// Costs a connection of the pool and its own commit, so ordinary commands do not come this way.
    /// - Parameters:
    ///   - lock: executed first, before the state is read; a transaction-level advisory lock, say. Where two changes
    ///     under the same lock are the only writers, the decision is made once.
    ///   - decide: runs on the connection's thread, up to `triesMax` times. Statements each have 5 s; it must not wait
    ///     for anything but the connection.
    package func change<Reply>(
        _ id: ID, _ context: RequestContext, holding lock: SQL,
        decide: @Sendable (State?, isolated LeasedConnection) async throws -> Decision<Reply>
    ) async throws(Fault) -> Reply {
        for _ in 0..<Self.triesMax {
            do {
                return try await decided(id, context, lock, decide).get()
            } catch let error as StorageError {
                if case .serialization = error { continue }
                if case .constraint(let name, _, _) = error, let refusal = onConstraint(name) { throw refusal }
                throw error.fault
            } catch {
                throw Fault.internalError(error)
            }
        }
        throw Fault(.conflict, "Others change this at the same time. Try again.", retry: .withSameKey)
    }

    private func decided<Reply>(
        _ id: ID, _ context: RequestContext, _ lock: SQL,
        _ decide: @Sendable (State?, isolated LeasedConnection) async throws -> Decision<Reply>
    ) async throws -> Result<Reply, Fault> {
        let stamp = EventStamp(context)
        let (answer, unit, appended) = try await log.pool.withTransaction {
            connection -> (Result<Reply, Fault>, AppendUnit?, Rows?) in
            let rows = try connection.execute(
                batch: [lock, Self.loading(id, caller: stamp.caller, key: stamp.key, lock: true)])
            let loaded = try Loaded(rows[1])
            if let prior = loaded.prior {
                guard context.isAnswered(under: prior.digest) else { throw Fault.keyReused }
                context.answeredBefore()
                return (.success(try prior.answer.open()), nil, nil)
            }
            let decision = try await decide(loaded.state, connection)
            let unit = self.unit(for: decision, on: loaded, id: id, stamp: stamp, digest: context.digest)?.unit
            guard let unit else { return (decision.answer, nil, nil) }
            // The unit looks for its key and its version itself: a rival that did not take the lock is met here.
            return (decision.answer, unit, try connection.commit(
                with: AppendUnit.expecting([unit]) + [AppendUnit.append([unit])]).last)
        }
        if let unit { log.committed([unit], appended) }
        return answer
    }
}
