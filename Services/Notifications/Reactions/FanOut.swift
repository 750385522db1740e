import Domain
import EventLog
import Storage

/// Brings learner events of one source into the feeds that want them and may have them, and follows what learners allow.
/// All of it is one step for each event, in the order of the learner's partition.
struct FanOut: Reaction {
    let source: String
    let bell: FeedNews
    let types: Set<EventType>

    var consumer: String { "notifications.feed_\(source)" }

    init(source: String, bell: FeedNews) {
        self.source = source
        self.bell = bell
        var types = Set(EventCatalog.subscribable.filter { $0.source == source })
        if source == ConsentGranted.type.source { types.formUnion([ConsentGranted.type, ConsentWithdrawn.type]) }
        self.types = types
    }

    func react(to event: EventEnvelope, in transaction: ReactionTransaction) async throws {
        let change: SQL
        switch event.type {
        case ConsentGranted.type: change = granted(try event.decode(), event)
        case ConsentWithdrawn.type:
            let consent: ConsentWithdrawn = try event.decode()
            transaction.perform(SettlementStore.press(consent.learner))
            change = withdrawn(consent, event)
        default:
            guard let learner = event.learner else { return }
            change = """
                SELECT feed_fan_out(\(learner.partition), \(learner), \(event.id), \(source), \(event.position),
                  \(event.type), \(Int32(event.version)), \(event.effectiveAt), \(event.recordedAt),
                  \(event.traceparent), \(event.keyID), \(event.payload))
                """
        }
        transaction.perform(change) { [bell] rows in
            if let appended = try? rows.first?.decode(Int.self), appended > 0 { bell.announce() }
        }
    }

    private func granted(_ consent: ConsentGranted, _ event: EventEnvelope) -> SQL {
        """
        SELECT feed_consent_granted(\(consent.learner.partition), \(consent.learner), \(consent.consent),
          \(consent.partner), \(consent.purpose), \(consent.types), \(consent.until), \(event.effectiveAt),
          \(event.recordedAt))
        """
    }

    private func withdrawn(_ consent: ConsentWithdrawn, _ event: EventEnvelope) -> SQL {
        """
        SELECT feed_consent_withdrawn(\(consent.learner.partition), \(consent.learner), \(consent.consent),
          \(event.recordedAt))
        """
    }
}
