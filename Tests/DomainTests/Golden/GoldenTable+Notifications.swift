import Domain

extension GoldenTable {
    mutating func addNotificationsRequests() {
        request(RegisterPartner(organization: id(2), title: "Reading the Land"),
            RegisterPartner.Reply(partner: id(9)))
        request(GetPartner(partner: id(9)), GetPartner.Reply(partner: id(9), organization: id(2),
            title: "Reading the Land"))
        request(Subscribe(partner: id(9), types: [AttainmentRecorded.type], purpose: "college_admission",
            webhook: "https://college.example/cairn"), Subscribe.Reply(subscription: id(10)))
        request(GetSubscription(subscription: id(10)), SubscriptionEntry(subscription: id(10), partner: id(9),
            types: [AttainmentRecorded.type], purpose: "college_admission",
            webhook: "https://college.example/cairn", status: .active, head: "42", waiting: 1, parked: 1))
        request(GetSubscriptionSecret(subscription: id(10)),
            GetSubscriptionSecret.Reply(secret: "whsec_Z29sZGVuLXNhbXBsZQ=="))
        request(EndSubscription(subscription: id(10)), Done())
        request(ReadFeed(subscription: id(10), after: "40", limit: 50, waitSeconds: 1),
            ReadFeed.Reply(events: [cloudEvent], next: "b2Zmc2V0", head: "42"))
        request(ListDeliveries(subscription: id(10), limit: 50, cursor: "b2Zmc2V0"),
            Page(items: [DeliveryEntry(sequence: "41", type: AttainmentRecorded.type, status: .waiting, attempts: 1,
            lastStatus: 503, lastError: "The connection was refused.", nextAttemptAt: moment, deliveredAt: moment)],
            next: "b2Zmc2V0"))
        request(ReplayFeed(subscription: id(10), after: "40"), ReplayFeed.Reply(queued: 1))
        request(RetryDelivery(subscription: id(10), sequence: "41"), Done())
        request(CheckSender(sender: uuid(12)), CheckSender.Reply(alive: true))
        request(ListSupportCases(organization: id(2), status: .raised, limit: 50, cursor: "b2Zmc2V0"),
            Page(items: [SupportCaseEntry(supportCase: id(11), learner: id(6), organization: id(2),
            trigger: "not_yet", assessment: id(5), status: .raised, needs: ["Walk the ridge with a map once more."],
            plan: "Two afternoons with the club.", resolution: "Walked the ridge.",
            voided: "It was entered twice.", raisedAt: moment,
            dueAt: moment)], next: "b2Zmc2V0"))
        request(AcknowledgeSupportCase(supportCase: id(11)), Done())
        request(PlanSupportCase(supportCase: id(11), plan: "Two afternoons with the club."), Done())
        request(ResolveSupportCase(supportCase: id(11), resolution: "Walked the ridge."), Done())
    }

    mutating func addNotificationsEvents() {
        event(PartnerRegistered(partner: id(9), organization: id(2), title: "Reading the Land"))
        event(SubscriptionAuthorized(subscription: id(10), partner: id(9), types: [AttainmentRecorded.type],
            purpose: "college_admission", webhook: "https://college.example/cairn"))
        event(SubscriptionSuspended(subscription: id(10), reason: "It was entered twice."))
        event(SubscriptionResumed(subscription: id(10)))
        event(SubscriptionEnded(subscription: id(10)))
        event(SupportCaseRaised(supportCase: id(11), learner: id(6), organization: id(2), trigger: "not_yet",
            assessment: id(5), needs: ["Walk the ridge with a map once more."], dueAt: moment))
        event(SupportCaseAcknowledged(supportCase: id(11), learner: id(6)))
        event(SupportCasePlanned(supportCase: id(11), learner: id(6), plan: "Two afternoons with the club."))
        event(SupportCaseResolved(supportCase: id(11), learner: id(6), resolution: "Walked the ridge."))
        event(SupportCaseVoided(supportCase: id(11), learner: id(6), reason: "It was entered twice."))
        event(SupportCaseEscalated(supportCase: id(11), learner: id(6), dueAt: moment))
    }
}
