/// The documentation comments of the types in the route table. Written from the sources of Domain by
/// `CAIRN_REGENERATE=1 swift test --filter GatewayTests`; do not edit.
enum DomainNotes {
    static let text: [String: String] = [
        "AttainmentEntry":
            "One line of a learner's record.",
        "AttainmentEntry.target":
            "IRI of the framework item.",
        "CertifyPathway":
            "Sets a draft certified, by a carried motion of its body for this very version, while the recognitions that the document requires are in force. No other transition sets certified (invariant 2).",
        "ComponentStanding":
            "A component's fulfillment for one enrollment, with its reason.",
        "ComponentStanding.reason":
            "One plain sentence.",
        "ConstituteBody.jurisdiction":
            "`state`, or a region's short name.",
        "ConstituteBody.quorum":
            "How many present seats make a decision possible, of those filled and not recused.",
        "ConstituteBody.requiredSectors":
            "Sectors that must each be present for a decision to carry. 1...20.",
        "CriterionJudgment.feedback":
            "Demanded for each unmet criterion (invariant 6): what to do next. 1...4000 characters.",
        "DisclosureEntry.basis":
            "`consent`; `retraction` where the learner took back what had left; why it was refused; for an inspection, the subject who read the list.",
        "Done":
            "The reply of a command that has nothing to say beyond \"done\".",
        "DraftPathway.body":
            "The body whose decision can certify it.",
        "DraftPathwayReply.revision":
            "Counts the texts of this version, from 1. Absent from answers that were given before there was an `If-Match`.",
        "DraftPathwayReply.warnings":
            "Warnings of the check; a refusal is a fault instead.",
        "EnrollLearner":
            "Enrolls a learner in a certified pathway; the enrollment stays on this version (invariant 3).",
        "EnrollLearner.version":
            "The newest certified one when absent.",
        "EntitlementEntry.until":
            "Fixed at accrual.",
        "FillSeat.holder":
            "The subject that votes from this seat, as its tokens name it.",
        "FrameworkItem.parent":
            "Target of the item above it; absent at the top.",
        "FrameworkItem.target":
            "`urn:uuid:` and the CASE identifier.",
        "GetAssessmentReply.outcome":
            "Absent until judged.",
        "GetFrameworkReply.document":
            "The CASE document identifier, shared by all versions.",
        "GetLearnerRecord":
            "Every attainment with its provenance. Bitemporal: `asOf` asks what held on a day, `knownAt` what the record said at a moment. Both default to now. As many lines as one answer holds, some thousand; the others after its `next`. Give `knownAt` for pages of one and the same record.",
        "GetLearnerRecordReply.attainments":
            "In the order they were recorded; voided ones stay, marked.",
        "GetLearnerRecordReply.next":
            "Where the record goes on; absent when this is the end of it.",
        "GetPathway.version":
            "The newest when absent.",
        "GetRubric.version":
            "The newest when absent.",
        "GetSubscriptionSecret":
            "The key that signs this subscription's webhooks, as `whsec_…` (Standard Webhooks).",
        "GrantConsent":
            "Lets one partner receive events of some types for one purpose until a day. Refused for a learner under 18 until guardians exist. For one partner and purpose there is one consent at a time: a second grant is a conflict (`consent.exists`) until the first is withdrawn or has run out.",
        "GrantConsent.contractRevision":
            "The text the learner agreed to, by its revision. 1...100 characters.",
        "GrantConsent.purpose":
            "Why the partner wants it: `college_admission`, `support`. 1...100 characters.",
        "GrantConsent.types":
            "Event types that may be disclosed; each must be one that can leave (`EventCatalog`). 1...50. A type that takes back what another one said, such as `records.attainment_voided`, comes with that one.",
        "GrantConsent.until":
            "The last day, in the state's zone; without one it ends by withdrawal only.",
        "IdentifierClaim":
            "(system, kind, value): an outside identifier that means this learner. One value means one learner at a time.",
        "IdentifierClaim.kind":
            "`student_number`, `state_id` … 1...100 characters.",
        "IdentifierClaim.system":
            "Who issues it, as a URI or a short name: `https://sis.example.edu`, `state`. 1...200 characters.",
        "IdentifierClaim.value":
            "Compared as bytes after NFC. 1...200 characters.",
        "ImportFramework":
            "Imports a CASE package as one framework version. The same document with the same content gives the first framework again; changed content under the same document identifier becomes its next version. Exactly one of `package` and `upload` is given.",
        "ImportFramework.package":
            "A CASE 1.0 or 1.1 package, as `CasePackage.read` takes it.",
        "ImportFramework.upload":
            "The parts staged before, for a package that does not fit into one body of 1 MiB.",
        "ImportFrameworkReply.imported":
            "False when this very content was here already.",
        "ImportFrameworkReply.repairCounts":
            "How often each rule mended something, by rule. Absent when an upload was imported before and is gone.",
        "ImportFrameworkReply.repairs":
            "What was mended; of each rule as many as fit, 1000 together.",
        "ImportRepair":
            "Something the import mended, and where.",
        "LicenseScope":
            "What a license allows to judge. An absent list allows all of its kind.",
        "LicenseScope.levelMax":
            "Highest level that may be given; no bound when absent.",
        "LicenseScope.targets":
            "IRIs of framework items; 1...1000.",
        "ListDisclosures":
            "The record of disclosures (34 CFR 99.32): what left, to whom, on what basis. Asking for it is logged in it.",
        "ListParked":
            "Events that a consumer could not digest, and those of the same learner that wait behind them. Every service answers this about itself, as `<service>.list_parked`.",
        "ParkedEntry.owner":
            "The learner (or stream) that stands still.",
        "ParkedEntry.reason":
            "Why it could not be handled; `behind` for one that only waits.",
        "Provenance":
            "Where a fact comes from: who asserted it, under what authority, from which event.",
        "Provenance.reference":
            "The judgment, recognition or decision that the basis resolves to.",
        "PublishRubric.criteria":
            "1...50.",
        "ReadFeed":
            "Reads a subscription's own gapless feed after a position. Consent is decided now: an item that may not leave comes as `notifications.withheld`, which carries its sequence and nothing else.",
        "ReadFeed.after":
            "A `sequence`; 0 for the beginning. A decimal string.",
        "ReadFeed.limit":
            "1...200.",
        "ReadFeed.waitSeconds":
            "How long to wait for news when there is none, 0...25 seconds.",
        "ReadFeedReply.events":
            "CloudEvents, as webhooks carry them.",
        "ReadFeedReply.next":
            "Where to go on; equal to `after` when nothing was there.",
        "RecognizePathway":
            "An institution's dated statement that it recognizes completion of this pathway version. In force from `from`; those enrolled before it ends keep it.",
        "RecognizePathway.terms":
            "1...4000 characters: what it accepts completion for, on which conditions.",
        "RecordJudgment":
            "Records a judgment under a license. Refused attempts are recorded too (invariant 5).",
        "RecordJudgment.criteria":
            "One for each criterion of the rubric version.",
        "RecordJudgment.effectiveOn":
            "The day the judgment was made; today when absent, never later.",
        "RecordJudgment.moreEvidenceNeeded":
            "The assessor cannot tell yet: asks for more evidence instead of judging.",
        "RecordJudgmentReply.unmet":
            "Criteria that are not yet met.",
        "RegisterLearner":
            "Puts a learner on record, with the identifiers that other systems know them by.",
        "RegisterLearner.givenName":
            "1...200 characters each.",
        "RegisterLearner.identifiers":
            "At most 20.",
        "RegisterLearner.organization":
            "Custodian of the record: the organization of the registrar.",
        "RegisterOrganization.id":
            "A fixed id for organizations that are known before they register here (frameworks and pathways name them).",
        "RegisterOrganization.region":
            "Where it operates: `state`, or a region's short name. 1...100 characters.",
        "RegisterOrganization.title":
            "1...200 characters.",
        "ReleaseParked":
            "Tries a parked event (and those behind it) again, or skips it for good. Either is kept in an audit table.",
        "ReleaseParkedReply.released":
            "How many events were handled or skipped.",
        "ReplayFeed":
            "Sends everything after a sequence again, under the same webhook ids.",
        "RequestAssessment":
            "Opens an assessment of one learner by one rubric, which is fixed at its newest version.",
        "RequestAssessment.assessor":
            "Who is to judge; only this assessor may.",
        "RequestAssessment.organization":
            "The organization whose educators accompany it; it owns a support case that may follow. Of an educator it must be the learner's custodian; a learner may name any.",
        "RetryDelivery":
            "Tries a parked delivery (and those of the same learner queued behind it) again, or reactivates a suspended endpoint.",
        "RetryDelivery.sequence":
            "All parked ones when absent.",
        "RevisePathway":
            "Replaces the draft `version`, or opens the next version when the last one is certified.",
        "RevisePathway.revision":
            "The text that it replaces: refused with `version_mismatch` when the draft has another by now. Over HTTP this is `If-Match`. Absent, it replaces whatever there is.",
        "ReviseRubric":
            "Publishes the next version of a rubric; assessments opened before keep theirs.",
        "RubricCriterion.id":
            "Short token, unique in the rubric: `[A-Za-z0-9._-]{1,64}`.",
        "RubricCriterion.levels":
            "In rising order of `level`; 2...10.",
        "RubricCriterion.metAt":
            "The lowest level at which the criterion is met; one of `levels`.",
        "RubricCriterion.target":
            "IRI of the framework item it is bound to.",
        "StageUpload":
            "Stages one part of a large import. Repeating a part is harmless.",
        "StageUpload.content":
            "Base64; at most 512 KiB decoded.",
        "StageUpload.of":
            "1...128.",
        "StageUpload.part":
            "0..<`of`.",
        "StageUpload.upload":
            "Chosen by the caller.",
        "SubmitEvidence.kind":
            "`video`, `document`, `observation`, `portfolio` … 1...100 characters.",
        "SubmitEvidence.location":
            "Where it is kept; not followed by us.",
        "SubmitEvidence.sha256":
            "64 hex digits over the content, which stays where it is.",
        "Subscribe":
            "Opens a subscription. Its feed begins with the events that consent already allows, between `notifications.backfill_started` and `notifications.backfill_completed` for each learner.",
        "Subscribe.purpose":
            "The purpose that consents must name.",
        "Subscribe.types":
            "1...50 event types that can leave. A type that takes back what another one said, such as `records.attainment_voided`, comes with that one.",
        "Subscribe.webhook":
            "Where webhooks go (https, port 443 or 8443). A subscription without one is read by its feed alone.",
        "SubscriptionEntry.head":
            "The newest `sequence` of the feed; a decimal string.",
        "SupportCaseEntry.dueAt":
            "When it climbs if nobody acknowledges it.",
        "SupportCaseEntry.needs":
            "What the learner needs, from the assessor's feedback.",
        "SupportCaseEntry.organization":
            "The organization whose educators own it.",
        "SupportCaseEntry.voided":
            "Why the outcome that raised it is void. The case is void with it, unless somebody had taken it up.",
        "TableMotion":
            "Proposes that the body certify one version of a pathway.",
        "Tally.eligible":
            "Seats that are filled or have voted, less the recused.",
        "VacateSeat":
            "Ends the term of a seat early. A last day may be brought forward, never put off; what was decided before stays decided.",
        "VacateSeat.until":
            "The last day of the term; before its first day, the seat was never filled.",
        "VoidAttainment":
            "Marks an attainment as never having held. The line stays visible as voided; progress and partners follow.",
        "VoidAttainment.reason":
            "1...1000 characters.",
        "WithdrawConsent":
            "Ends a consent. `effective` is answered only when nothing that was being sent under it is still on its way; until then the answer is `draining`, and the command is repeated (or `GetConsent` asked).",
    ]
}
