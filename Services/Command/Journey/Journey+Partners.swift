import Domain
import Foundation

/// The partners, consent, and what leaves.
extension Journey {
    struct Feeds: Sendable {
        /// With a webhook.
        var college: EntityID<Subscription>
        var employer: EntityID<Subscription>
    }

    /// What the college got of this learner, in order of its feed.
    struct Heard: Sendable {
        var events: [JSONValue]
        var subject: String
        var ids: [String] { events.compactMap { $0["id"]?.text } }
    }

    func listen() async throws -> Feeds {
        try await journal.step(
            "the college and an employer open subscriptions, the college with a webhook", seen: "each partner, the operator"
        ) {
            let address = try await receiver.start()
            let collegeClient = try connect("college-partner")
            let subscription = try await collegeClient.ask(
                Subscribe(partner: college, types: Self.subscribed, purpose: purpose, webhook: address),
                "POST /v1/subscriptions", key: key("subscribe")).subscription
            opened.withLock { $0.append(("college-partner", subscription)) }
            try receiver.trust(try await collegeClient.ask(
                GetSubscriptionSecret(subscription: subscription), "GET /v1/subscriptions/{subscription}/secret").secret)
            let other = try await connect("employer-partner").ask(
                Subscribe(partner: employer, types: [OutcomeMet.type], purpose: employmentPurpose),
                "POST /v1/subscriptions", key: key("subscribe-employer")).subscription
            opened.withLock { $0.append(("employer-partner", other)) }
            return Feeds(college: subscription, employer: other)
        }
    }

    func consentToCollege() async throws -> EntityID<Consent> {
        try await journal.step(
            "consents that the college hears of enrollment, attainments and completion", seen: "the learner; the partner hears nothing yet"
        ) {
            try await connect(learnerClient).ask(
                GrantConsent(
                    learner: learner, partner: college, purpose: purpose, types: Self.consented,
                    contractRevision: sample.contractRevision),
                "POST /v1/learners/{learner}/consents", key: key("consent")).consent
        }
    }

    /// How many events of each type the college is due.
    private func due(_ enrollment: EnrollmentEntry) -> [String: Int] {
        [
            LearnerEnrolled.type.text: 1, OutcomeMet.type.text: Self.rubrics.count,
            AttainmentRecorded.type.text: expectedTargets.count,
            ComponentFulfilled.type.text: enrollment.components.filter { $0.state == .met }.count,
            MilestoneReached.type.text: enrollment.milestones.count, PathwayCompleted.type.text: 1,
            EntitlementAccrued.type.text: enrollment.entitlements.count,
        ]
    }

    func partnerHeard(_ feeds: Feeds, _ enrollment: EntityID<Enrollment>) async throws -> Heard {
        let entry = try await self.enrollment(enrollment)
        let due = due(entry), total = due.values.reduce(0, +)
        let heard = try await journal.step(
            "the college's feed holds exactly the \(total) events it may have, gapless", seen: "the college, under ids made for it alone"
        ) {
            let events = try await awaited("\(total) events in the college's feed", within: Self.deadline, every: .milliseconds(50)) {
                let events = try await learnerEvents(feeds.college, by: "college-partner")
                return events.count >= total ? events : nil
            }
            let counts = events.reduce(into: [:]) { $0[$1["type"]?.text ?? "", default: 0] += 1 }
            try expect(counts == due, "due \(due.sorted { $0.key < $1.key }), there are \(counts.sorted { $0.key < $1.key })")
            try expectOrder(events)
            let subjects = Set(events.compactMap { $0["subject"]?.text })
            try expect(subjects.count == 1, "the learner has \(subjects.count) keys")
            try expectNoInsideIDs(events, entry)
            return Heard(events: events, subject: subjects.first ?? "")
        }
        try await journal.step(
            "the same events came as webhooks, each signed and in the same order", seen: "the college"
        ) {
            let hooks = try await awaited("\(total) webhooks", within: Self.deadline) {
                let hooks = learnerHooks
                return hooks.count >= total ? hooks : nil
            }
            try expect(hooks.allSatisfy { $0.flaw == nil }, hooks.compactMap(\.flaw).first ?? "")
            try expect(hooks.map(\.id) == heard.ids, "the webhooks are \(hooks.map(\.id)), the feed has \(heard.ids)")
            try expect(zip(hooks, heard.events).allSatisfy { $0.event == $1 }, "a webhook says something else than the feed")
        }
        return heard
    }

    /// Those that are about the learner, without the brackets of a backfill.
    private var learnerHooks: [WebhookReceiver.Received] {
        receiver.received.filter { !Self.control.contains($0.event["type"]?.text ?? "") }
    }

    /// Order is promised for each source.
    private func expectOrder(_ events: [JSONValue]) throws {
        for (source, events) in Dictionary(grouping: events, by: { $0["source"]?.text ?? "" }) {
            let times = events.compactMap { $0["time"]?.text.flatMap { Timestamp($0) } }
            try expect(times.count == events.count && times == times.sorted(), "events of \(source) are out of order")
        }
        let pathway = events.compactMap { $0["type"]?.text }.filter { $0.hasPrefix("pathways.") }
        try expect(pathway.first == LearnerEnrolled.type.text, "the first event of pathways is \(pathway.first ?? "none")")
        let completed = pathway.firstIndex(of: PathwayCompleted.type.text)
        let lastComponent = pathway.lastIndex(of: ComponentFulfilled.type.text)
        try expect((lastComponent ?? 0) < (completed ?? 0), "the pathway completed before its components")
    }

    private func expectNoInsideIDs(_ events: [JSONValue], _ entry: EnrollmentEntry) throws {
        let text = String(decoding: events.flatMap { $0.serialized() }, as: UTF8.self) + receiver.received.map(\.body).joined()
        let inside = ["\(learner)", "\(entry.enrollment)"] + entry.entitlements.map { "\($0.entitlement)" }
            + entry.components.flatMap(\.attainments).map { "\($0)" }
        let leaked = inside.filter { text.contains($0) }
        try expect(leaked.isEmpty, "ids from inside left: \(leaked)")
    }

    func othersHeardNothing(_ feeds: Feeds) async throws {
        try await journal.step(
            "the employer, without consent, heard nothing at all", seen: "nobody"
        ) {
            let page = try await page(feeds.employer, by: "employer-partner", after: "0")
            try expect(page.events.isEmpty && page.head == "0", "the employer's feed has \(page.events.count) events")
            do {
                _ = try await connect("employer-partner").ask(
                    ReadFeed(subscription: feeds.college), "GET /v1/subscriptions/{subscription}/events")
            } catch let problem as APIProblem where problem.status == 404 { return }
            throw CommandProblem("the employer could read the college's feed")
        }
    }

    func withdraw(_ consent: EntityID<Consent>) async throws {
        try await journal.step(
            "withdraws consent; “effective” once the page that the college just read has no time left to arrive",
            seen: "the learner; from here no byte leaves"
        ) {
            let client = try connect(learnerClient)
            var status = try await client.ask(
                WithdrawConsent(consent: consent), "POST /v1/consents/{consent}/withdraw", key: key("withdraw")).status
            if status == .draining {
                status = try await awaited("the withdrawal to become effective", within: Self.deadline) {
                    let now = try await client.ask(GetConsent(consent: consent), "GET /v1/consents/{consent}").status
                    return now == .draining ? nil : now
                }
            }
            try expect(status == .effective, "the consent is \(status)")
        }
    }

    func retraction(_ heard: Heard) async throws {
        try await journal.step(
            "the college is told which of its events to forget", seen: "the college"
        ) {
            let hook = try await awaited("the retraction", within: Self.deadline) {
                receiver.received.first { $0.event["type"]?.text == "notifications.retraction" }
            }
            try expect(hook.flaw == nil, hook.flaw ?? "")
            try expect(hook.event["subject"]?.text == heard.subject, "it speaks of another learner")
            let named = Set((hook.event["data"]?["events"]?.array ?? []).compactMap(\.text))
            try expect(named.isSuperset(of: heard.ids), "it names \(named.count) of \(heard.ids.count) events")
        }
    }

    /// The employer's feed proves that the event went through the very reaction that would have put it into the college's.
    func furtherEventStays(_ feeds: Feeds, _ heard: Heard) async throws {
        try await journal.step(
            "now consents to the employer, whose feed begins with the past it allows", seen: "the employer, under ids made for it alone"
        ) {
            _ = try await connect(learnerClient).ask(
                GrantConsent(
                    learner: learner, partner: employer, purpose: employmentPurpose, types: [OutcomeMet.type],
                    contractRevision: sample.contractRevision),
                "POST /v1/learners/{learner}/consents", key: key("consent-employer"))
            let events = try await awaited("the past in the employer's feed", within: Self.deadline, every: .milliseconds(50)) {
                let events = try await learnerEvents(feeds.employer, by: "employer-partner")
                return events.count >= Self.rubrics.count ? events : nil
            }
            try expect(events.count == Self.rubrics.count, "there are \(events.count) events")
            let subjects = Set(events.compactMap { $0["subject"]?.text })
            try expect(subjects.count == 1 && !subjects.contains(heard.subject), "two partners know the learner by one key")
        }
        try await journal.step(
            "a further outcome reaches the employer, and not the college", seen: "the learner, the educators; the employer, by consent"
        ) {
            try await meet(Self.furtherRubric)
            _ = try await awaited("the further outcome in the employer's feed", within: Self.deadline, every: .milliseconds(50)) {
                try await learnerEvents(feeds.employer, by: "employer-partner").count == Self.rubrics.count + 1 ? true : nil
            }
            try expect(learnerHooks.count == heard.events.count, "the college got \(learnerHooks.count - heard.events.count) more webhooks")
            let left = try await learnerEvents(feeds.college, by: "college-partner")
            try expect(left.isEmpty, "the college can still read \(left.count) events")
        }
    }

    func disclosures(_ heard: Heard) async throws {
        try await journal.step(
            "the record of disclosures lists everything that left, and who read the list", seen: "the learner, auditors"
        ) {
            let entries = try await awaited("all disclosures to be settled", within: Self.deadline, every: .milliseconds(100)) {
                let entries = try await self.entries()
                return entries.contains { $0.outcome == .open } ? nil : entries
            }
            let delivered = entries.filter { $0.outcome == .delivered }
            try expect(delivered.allSatisfy { $0.partner == college || $0.partner == employer }, "somebody else is on the list")
            // What is taken back leaves by no consent.
            try expect(
                delivered.allSatisfy { $0.type != nil && ($0.consent == nil) == ($0.type == FeedMessage.retraction) },
                "a disclosure names no consent or no type")
            try expect(delivered.contains { !$0.fields.isEmpty }, "no disclosure names a field")
            let toCollege = delivered.filter { $0.partner == college }.reduce(into: [:]) { $0[$1.type?.text ?? "", default: 0] += 1 }
            let sent = heard.events.reduce(into: [:]) { $0[$1["type"]?.text ?? "", default: 0] += 1 }
            for (type, count) in sent {
                try expect(toCollege[type, default: 0] >= count, "\(count) of \(type) left, \(toCollege[type, default: 0]) are on the list")
            }
            try expect(toCollege[OutcomeNotYet.type.text] == nil, "not yet left to the college")
            try expect(toCollege[FeedMessage.retraction.text] ?? 0 > 0, "the retraction is not on the list")
            try expect(try await self.entries().contains { $0.outcome == .inspected }, "reading the list is not on it")
        }
    }

    private func entries() async throws -> [DisclosureEntry] {
        var entries: [DisclosureEntry] = []
        var cursor: String?
        repeat {
            let page = try await connect(learnerClient).ask(
                ListDisclosures(learner: learner, limit: 200, cursor: cursor), "GET /v1/learners/{learner}/disclosures")
            entries += page.items
            cursor = page.next
        } while cursor != nil && entries.count < 10_000
        return entries
    }

    private func page(_ subscription: EntityID<Subscription>, by client: String, after: String) async throws -> ReadFeed.Reply {
        try await connect(client).ask(
            ReadFeed(subscription: subscription, after: after, limit: 200), "GET /v1/subscriptions/{subscription}/events")
    }

    /// The whole feed, gapless; only what is about the learner.
    private func learnerEvents(_ subscription: EntityID<Subscription>, by client: String) async throws -> [JSONValue] {
        var reading = FeedReading(after: 0)
        var events: [JSONValue] = []
        var last = "0"
        while true {
            let page = try await page(subscription, by: client, after: last)
            for event in page.events {
                if let gap = reading.take(event) { throw CommandProblem("the feed has a gap: \(gap)") }
            }
            events += page.events.filter { !Self.control.contains($0["type"]?.text ?? "") }
            if page.events.isEmpty || page.next == page.head { return events }
            last = page.next
        }
    }
}
