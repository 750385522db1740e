import Domain
import Foundation
import ServiceKit

/// The one door through which anything about a learner leaves; records keeps it.
protocol Disclosures: Sendable {
    /// Verdicts in the order of the items.
    func authorize(_ command: AuthorizeDisclosures, key: String) async throws(Fault) -> [DisclosureVerdict]
    func settle(_ command: SettleDisclosures, key: String) async throws(Fault)
}

struct RecordsDisclosures: Disclosures {
    let records: ServiceCaller

    func authorize(_ command: AuthorizeDisclosures, key: String) async throws(Fault) -> [DisclosureVerdict] {
        try await records.ask(command, key: key, deadline: .seconds(4), trace: .start()).verdicts
    }

    func settle(_ command: SettleDisclosures, key: String) async throws(Fault) {
        _ = try await records.ask(command, key: key, deadline: .seconds(4), trace: .start())
    }
}

/// An item in the form in which it leaves now.
struct OpenedItem: Sendable {
    var item: FeedItem
    /// Also the `webhook-id`.
    var id: UUID
    var body: JSONValue
    /// The open disclosure that has to be settled; nil where nothing about a learner leaves.
    var disclosure: EntityID<Disclosure>?
    /// The attempt's own id.
    var attempt: UUID
    var isWithheld: Bool
}

/// Decides at the moment of sending what each item may say: asks records, notes the pairwise ids, writes the bytes.
struct Discloser: Sendable {
    static let batchMax = 200

    let disclosures: any Disclosures
    let feeds: FeedStore
    let settlements: SettlementStore
    let events: CloudEvents

    /// - Parameter sender: the incarnation whose lock this process holds.
    /// - Throws: when nobody can say what may leave. Nothing may then; what records may have opened is settled as
    ///   failed, later.
    func open(
        _ items: [(item: FeedItem, terms: FeedTerms)], sender: UUID
    ) async throws(Fault) -> [OpenedItem] {
        var opened: [OpenedItem] = []
        var start = 0
        while start < items.count {
            let end = min(items.count, start + Self.batchMax)
            opened += try await openBatch(Array(items[start..<end]), sender)
            start = end
        }
        return opened
    }

    private struct Question {
        enum Content {
            case data(DisclosedContent)
            /// What is taken back, and the learner as this partner knows them.
            case retraction(subject: UUID, gone: [CloudEvents.Gone])
        }

        var place: Int
        var content: Content
        var ask: AuthorizeDisclosures.Item
    }

    private func openBatch(
        _ items: [(item: FeedItem, terms: FeedTerms)], _ sender: UUID
    ) async throws(Fault) -> [OpenedItem] {
        var opened = items.map { withheld($0.item) }
        var questions: [Question] = []
        for (place, (item, terms)) in items.enumerated() where !item.isRetracted {
            if let content = try await content(item) {
                questions.append(question(content, item, terms, at: place, attempt: opened[place].attempt))
            }
        }
        guard !questions.isEmpty else { return opened }
        let verdicts = try await authorize(questions, sender)
        var allowed: [FeedStore.PairwiseID] = []
        for (question, verdict) in zip(questions, verdicts) {
            guard verdict.allowed, let subject = verdict.learner, let event = verdict.event,
                  verdict.references.count == question.ask.references.count
            else { continue }
            let (item, terms) = items[question.place]
            let leaving: (id: UUID, body: JSONValue)
            switch question.content {
            case .data(let content):
                leaving = (event, events.allowed(
                    item, content, subject: subject, id: event, references: verdict.references))
                allowed.append(.init(item: item, subject: subject, event: event))
            case .retraction(let subject, let gone):
                leaving = events.retraction(item, purpose: terms.purpose, subject: subject, gone: gone)
            }
            opened[question.place] = OpenedItem(
                item: item, id: leaving.id, body: leaving.body, disclosure: verdict.disclosure,
                attempt: opened[question.place].attempt, isWithheld: false)
        }
        do { try await feeds.note(allowed) } catch {
            await giveUp(questions, sender)
            throw Fault.internalError(error)
        }
        return opened
    }

    private func authorize(_ questions: [Question], _ sender: UUID) async throws(Fault) -> [DisclosureVerdict] {
        let command = AuthorizeDisclosures(sender: sender, items: questions.map(\.ask))
        let key = questions[0].ask.disclosure.description
        let verdicts: [DisclosureVerdict]
        do throws(Fault) {
            do throws(Fault) { verdicts = try await disclosures.authorize(command, key: key) } catch {
                guard error.retry == .withSameKey else { throw error }
                verdicts = try await disclosures.authorize(command, key: key)
            }
            guard verdicts.count == questions.count,
                  zip(verdicts, questions).allSatisfy({ $0.disclosure == $1.ask.disclosure })
            else { throw Fault(.internal, "Records answered other questions than were asked.") }
        } catch {
            await giveUp(questions, sender)
            throw error
        }
        return verdicts
    }

    /// Records may have opened these although we never heard so. They are settled once no request of ours can still
    /// be on its way, because an open disclosure holds up a withdrawal.
    private func giveUp(_ questions: [Question], _ sender: UUID) async {
        await settlements.owe(questions.map {
            .init(disclosure: $0.ask.disclosure, learner: $0.ask.learner, sender: sender, outcome: .failed)
        }, after: .seconds(15))
    }

    private func withheld(_ item: FeedItem) -> OpenedItem {
        let (id, body) = events.withheld(item)
        return OpenedItem(item: item, id: id, body: body, disclosure: nil, attempt: .version7(), isWithheld: true)
    }

    /// Nil where nothing may leave, or nothing had left that could be taken back.
    private func content(_ item: FeedItem) async throws(Fault) -> Question.Content? {
        guard item.kind == .retraction else {
            // An item that cannot be read any more stays withheld rather than stopping its line for good.
            return try? .data(DisclosedContent(item))
        }
        do {
            return try await feeds.retracted(by: item).map { .retraction(subject: $0.subject, gone: $0.gone) }
        } catch { throw Fault.internalError(error) }
    }

    private func question(
        _ content: Question.Content, _ item: FeedItem, _ terms: FeedTerms, at place: Int, attempt: UUID
    ) -> Question {
        let type = item.wireType
        let (fields, references): ([String], [UUID]) = switch content {
        case .data(let content): (content.fields, content.references)
        case .retraction: (FeedMessage.disclosed[type] ?? [], [])
        }
        return Question(place: place, content: content, ask: AuthorizeDisclosures.Item(
            disclosure: .following("attempt", attempt.text, alongside: item.learner.uuid), learner: item.learner,
            partner: terms.partner, purpose: terms.purpose, type: type,
            covers: FeedMessage.brackets.contains(type) ? item.covers : nil, event: item.id, fields: fields,
            references: references))
    }
}
