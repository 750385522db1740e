import Domain
import Foundation
import ServiceKit
import Synchronization

/// One learner, from registration to entitlement, as everybody around them sees it.
///
/// The learner's id is known before they are registered (it follows from caller and key), so that their own client can
/// be made first and no step has to wait for the gateway to notice it.
final class Journey: Sendable {
    /// Within which everything that follows from something has to have followed.
    static let deadline = Duration.seconds(15)
    static let pathwayName = "electrician"
    static let schoolName = "lakeside"
    /// What completes the pathway, and one more for later.
    static let rubrics = ["site-ready", "trade-knowledge", "craft", "residential-site"]
    static let furtherRubric = "fault-finding"
    /// The learner keeps *not yet* between themselves and the school.
    static let consented: [EventType] = [
        LearnerEnrolled.type, OutcomeMet.type, AttainmentRecorded.type, ComponentFulfilled.type, MilestoneReached.type,
        PathwayCompleted.type, EntitlementAccrued.type,
    ]
    /// What feeds say about themselves; everything else in them is about a learner.
    static let control = Set(FeedMessage.all.map(\.text))
    static let subscribed = consented + [OutcomeNotYet.type, SupportCaseRaised.type]

    let deployment: Deployment
    let sample: SampleIndex
    let seed: UInt64
    let journal: Journal
    let names: (given: String, family: String)
    let pathway: SampleIndex.Pathway
    let school: EntityID<Organization>
    let college: EntityID<Partner>
    let employer: EntityID<Partner>
    let learner: EntityID<Learner>
    let receiver = WebhookReceiver()
    /// Each with its token.
    private let clients = Mutex<[String: APIClient]>([:])
    /// Opened for this journey alone, and ended with it.
    let opened = Mutex<[(client: String, subscription: EntityID<Subscription>)]>([])

    init(deployment: Deployment, sample: SampleIndex, seed: UInt64, journal: Journal) throws {
        guard let pathway = sample.pathways[Self.pathwayName], let school = sample.schools[Self.schoolName],
              let college = sample.partners["college-partner"], let employer = sample.partners["employer-partner"],
              (Self.rubrics + [Self.furtherRubric]).allSatisfy({ pathway.rubrics[$0] != nil })
        else { throw CommandProblem("The loaded sample is another one.", next: "cairn sample load") }
        self.deployment = deployment
        self.sample = sample
        self.seed = seed
        self.journal = journal
        self.pathway = pathway
        self.school = school
        self.college = college.partner
        self.employer = employer.partner
        var random = SplitMix64(seed: seed)
        names = (["Ana", "Dov", "Ilse", "Kofi", "Lena", "Tomas"].randomElement(using: &random) ?? "Ana",
                 ["Ferro", "Hollow", "Merriman", "Osei", "Tarn", "Winslow"].randomElement(using: &random) ?? "Ferro")
        learner = .derived(
            from: RegisterLearner.name.text, caller: "client:registrar-\(Self.schoolName)", key: "journey-\(seed)-register")
    }

    var purpose: String { "admission_\(seed)" }
    var employmentPurpose: String { "employment_\(seed)" }
    var learnerClient: String { "journey-\(seed)" }
    func key(_ what: String) -> String { "journey-\(seed)-\(what)" }

    func connect(_ id: String) throws -> APIClient {
        if let known = clients.withLock({ $0[id] }) { return known }
        let client = try ClientFile(deployment: deployment).connect(id)
        clients.withLock { $0[id] = client }
        return client
    }

    func prepare() async throws {
        let clients = ClientFile(deployment: deployment)
        if try clients.ensure([.init(id: learnerClient, grants: [RoleGrant(.learner, over: learner.uuid)])]) {
            try await Task.sleep(for: ClientFile.noticedAfter)
        }
    }

    func cleanUp() async {
        receiver.stop()
        for (client, subscription) in opened.withLock({ $0 }) {
            do {
                _ = try await connect(client).ask(
                    EndSubscription(subscription: subscription), "POST /v1/subscriptions/{subscription}/end")
            } catch { Terminal.remark("The subscription \(subscription) could not be ended: \(error)") }
        }
        do { try ClientFile(deployment: deployment).forget([learnerClient]) } catch {
            Terminal.remark("The client \(learnerClient) could not be removed: \(error)")
        }
    }

    func walk() async throws {
        journal.heading("A partner listens, a learner arrives")
        let feeds = try await listen()
        try await arrive()
        let consent = try await consentToCollege()
        let enrollment = try await enroll()

        journal.heading("Not yet, and what follows from it")
        let assessment = try await notYet()
        try await support(assessment)

        journal.heading("Met")
        try await met(assessment)
        try await meetTheRest()
        try await readRecord()
        try await complete(enrollment)

        journal.heading("What others hear")
        let heard = try await partnerHeard(feeds, enrollment)
        try await othersHeardNothing(feeds)

        journal.heading("Consent withdrawn")
        try await withdraw(consent)
        try await retraction(heard)
        try await furtherEventStays(feeds, heard)
        try await disclosures(heard)
    }
}
