/// Every event type of the deployment, in one table: who writes it, how sensitive it is, and which members of its data
/// may ever leave to a partner. What is not listed as `disclosed` never leaves. The AsyncAPI document and the tests
/// that enumerate states and events are made from it.
package enum EventCatalog {
    package struct Entry: Sendable {
        package let type: EventType
        package let version: Int
        package let summary: String
        package let sensitivity: Sensitivity
        /// Members of `data` that leave, in order; empty for a type that partners cannot subscribe to.
        package let disclosed: [String]
        /// Which of `disclosed` hold an id of something of the learner's; those leave in pairwise form only.
        package let pairwise: Set<String>
    }

    package enum Sensitivity: String, Sendable, Codable {
        case `public`, directory, educational, sensitive
    }

    package static subscript(_ type: EventType) -> Entry? { byType[type] }

    /// Types that a partner may name in a subscription and a learner in a consent.
    package static let subscribable: [EventType] = entries.filter { !$0.disclosed.isEmpty }.map(\.type).sorted()

    /// The type that says of another one's events that they do not hold.
    package static let corrections: [EventType: EventType] = [
        AttainmentRecorded.type: AttainmentVoided.type,
        ComponentFulfilled.type: ComponentFulfillmentWithdrawn.type,
        AssessmentRequested.type: AssessmentVoided.type, OutcomeMet.type: AssessmentVoided.type,
        OutcomeNotYet.type: AssessmentVoided.type, MoreEvidenceAsked.type: AssessmentVoided.type,
        SupportCaseRaised.type: SupportCaseVoided.type,
    ]

    /// The types with their corrections, sorted, each once: whoever may hear of a fact hears when it does not hold.
    package static func corrected(_ types: [EventType]) -> [EventType] {
        Set(types + types.compactMap { corrections[$0] }).sorted()
    }

    package static let entries: [Entry] = [
        internalOnly(LearnerRegistered.self, "A learner was put on record.", .directory),
        internalOnly(IdentifierClaimed.self, "An outside identifier was said to mean this learner.", .directory),
        disclosed(AttainmentRecorded.self, "The learner has a competency at a level, from a date, on a basis.",
                  ["attainment", "target", "level", "basis", "effectiveFrom", "effectiveUntil"],
                  pairwise: ["attainment"]),
        disclosed(AttainmentVoided.self, "An attainment is marked as never having held.",
                  ["attainment", "target"], pairwise: ["attainment"]),
        internalOnly(ConsentGranted.self, "The learner lets a partner receive some types for a purpose.", .sensitive),
        internalOnly(ConsentWithdrawn.self, "The learner ended a consent.", .sensitive),

        internalOnly(OrganizationRegistered.self, "An organization is known.", .public),
        internalOnly(FrameworkPublished.self, "A framework version was imported and published.", .public),
        internalOnly(BodyConstituted.self, "A governing body exists.", .public),
        internalOnly(SeatFilled.self, "A seat of a body has a holder.", .public),
        internalOnly(SeatVacated.self, "A seat of a body ends early.", .public),
        internalOnly(MotionTabled.self, "A motion is before a body.", .public),
        internalOnly(BallotCast.self, "A seat voted.", .public),
        internalOnly(DecisionCarried.self, "A motion carried.", .public),
        internalOnly(DecisionFailed.self, "A motion failed.", .public),
        internalOnly(PathwayDrafted.self, "A pathway version was drafted or replaced.", .public),
        internalOnly(RecognitionEntered.self, "An institution recognizes a pathway version.", .public),
        internalOnly(PathwayCertified.self, "A pathway version is certified.", .public),
        disclosed(LearnerEnrolled.self, "The learner enrolled in a pathway version.",
                  ["enrollment", "pathway", "pathwayVersion", "title"], pairwise: ["enrollment"]),
        disclosed(ComponentFulfilled.self, "A component of the learner's pathway is met.",
                  ["enrollment", "pathway", "component", "title"], pairwise: ["enrollment"]),
        disclosed(ComponentFulfillmentWithdrawn.self, "A component is no longer met, because an attainment was voided.",
                  ["enrollment", "pathway", "component"], pairwise: ["enrollment"]),
        disclosed(MilestoneReached.self, "The learner reached a milestone.",
                  ["enrollment", "pathway", "component", "title"], pairwise: ["enrollment"]),
        disclosed(PathwayCompleted.self, "The learner completed a pathway version.",
                  ["enrollment", "pathway", "pathwayVersion", "title"], pairwise: ["enrollment"]),
        disclosed(EntitlementAccrued.self, "Completing gave the learner a right to a next step.",
                  ["entitlement", "enrollment", "pathway", "key", "kind", "title", "obligor", "until"],
                  pairwise: ["entitlement", "enrollment"]),

        internalOnly(AssessorRegistered.self, "An assessor is known.", .directory),
        internalOnly(LicenseGranted.self, "An assessor may judge within a scope and term.", .public),
        internalOnly(LicenseRevoked.self, "A license no longer holds from a date.", .public),
        internalOnly(RubricPublished.self, "A rubric version was published.", .public),
        disclosed(AssessmentRequested.self, "An assessment of the learner was opened.",
                  ["assessment", "rubric", "rubricVersion", "setting"], pairwise: ["assessment"]),
        internalOnly(EvidenceSubmitted.self, "Evidence was submitted, fixed by its hash.", .educational),
        internalOnly(JudgmentRecorded.self, "An assessor judged.", .sensitive),
        internalOnly(JudgmentRefused.self, "A judgment was refused by a rule.", .educational),
        disclosed(OutcomeMet.self, "The assessment's outcome is met.",
                  ["assessment", "setting", "attained", "effectiveOn"], pairwise: ["assessment"]),
        disclosed(OutcomeNotYet.self, "Not yet: what is unmet, and the next step for each.",
                  ["assessment", "unmet"], pairwise: ["assessment"]),
        disclosed(MoreEvidenceAsked.self, "The assessor asks for more evidence.",
                  ["assessment"], pairwise: ["assessment"]),
        disclosed(AssessmentVoided.self, "An assessment is void.", ["assessment"], pairwise: ["assessment"]),

        internalOnly(PartnerRegistered.self, "A partner is known.", .public),
        internalOnly(SubscriptionAuthorized.self, "A subscription is open.", .public),
        internalOnly(SubscriptionSuspended.self, "A subscription's endpoint is not taking deliveries.", .public),
        internalOnly(SubscriptionResumed.self, "A suspended subscription goes on.", .public),
        internalOnly(SubscriptionEnded.self, "A subscription ended.", .public),
        disclosed(SupportCaseRaised.self, "Support was called for the learner.",
                  ["supportCase", "organization", "trigger", "needs", "dueAt"], pairwise: ["supportCase"]),
        internalOnly(SupportCaseAcknowledged.self, "Somebody took the support case up.", .educational),
        internalOnly(SupportCasePlanned.self, "Support was planned.", .educational),
        disclosed(SupportCaseResolved.self, "The support case was resolved.", ["supportCase"],
                  pairwise: ["supportCase"]),
        disclosed(SupportCaseVoided.self, "The outcome that called for the support is void.", ["supportCase"],
                  pairwise: ["supportCase"]),
        internalOnly(SupportCaseEscalated.self, "Nobody took a support case up in time.", .educational),
    ]

    private static let byType = Dictionary(uniqueKeysWithValues: entries.map { ($0.type, $0) })

    private static func internalOnly<E: Event>(_: E.Type, _ summary: String, _ sensitivity: Sensitivity) -> Entry {
        Entry(type: E.type, version: E.version, summary: summary, sensitivity: sensitivity, disclosed: [], pairwise: [])
    }

    private static func disclosed<E: Event>(
        _: E.Type, _ summary: String, _ members: [String], pairwise: Set<String>
    ) -> Entry {
        Entry(type: E.type, version: E.version, summary: summary, sensitivity: .educational,
              disclosed: members, pairwise: pairwise)
    }
}
