import Domain
import Storage

/// What `append` says of the events of one transaction.
struct Appended {
    /// A partition all of whose new events readers may see.
    struct Growth {
        let partition: Partition
        let epoch: Int
        /// The position of the last of them.
        let last: Int64
        let count: Int
    }

    let count: Int
    /// Partitions that another process was numbering: what is new there is pending.
    let busy: Int
    let recordedAt: Timestamp
    let growth: [Growth]

    init(count: Int, busy: Int, recordedAt: Timestamp, growth: [Growth]) {
        self.count = count
        self.busy = busy
        self.recordedAt = recordedAt
        self.growth = growth
    }

    init(_ row: Row) throws(StorageError) {
        let (count, busy, recordedAt, partitions, epochs, positions, counts) = try row.decode(
            Int.self, Int.self, Timestamp.self, [Partition]?.self, [Int32]?.self, [Int64]?.self, [Int32]?.self)
        self.count = count
        self.busy = busy
        self.recordedAt = recordedAt
        guard let partitions, let epochs, let positions, let counts else {
            growth = []
            return
        }
        guard epochs.count == partitions.count, positions.count == partitions.count, counts.count == partitions.count else {
            throw .decoding("append answered arrays of different lengths")
        }
        growth = partitions.indices.map {
            Growth(partition: partitions[$0], epoch: Int(epochs[$0]), last: positions[$0], count: Int(counts[$0]))
        }
    }

    /// The new events of a partition as the feed carries them; nil when they are not the ones that were numbered.
    /// - Parameter units: the applied ones, in the order in which they were appended.
    func envelopes(_ growth: Growth, of units: [AppendUnit]) -> [EventEnvelope]? {
        let mine = units.filter { $0.partition == growth.partition }
        guard mine.reduce(0, { $0 + $1.events.count }) == growth.count else { return nil }
        var position = growth.last - Int64(growth.count)
        return mine.flatMap { unit in
            unit.events.enumerated().map { number, event in
                position += 1
                return EventEnvelope(
                    id: event.id, type: event.type, version: event.version, partition: unit.partition, position: position,
                    stream: unit.stream, streamVersion: unit.expected.number + Int64(number) + 1,
                    learner: unit.learner.map { EntityID($0) }, effectiveAt: event.effectiveAt, recordedAt: recordedAt,
                    actor: event.actor, authority: event.authority, causedBy: event.causedBy,
                    correlation: event.correlation, traceparent: event.traceparent, payload: event.payload)
            }
        }
    }
}
