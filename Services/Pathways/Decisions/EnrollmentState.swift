import Domain
import EventLog

/// One learner in one version of a pathway: pinned to it (DOMAIN, invariant 3). What is met is derived from the learner's
/// attainments alone; here is what has been said of it so far.
struct EnrollmentState: Aggregate {
    typealias Entity = Enrollment
    static let kind = "enrollment"

    var id: EntityID<Enrollment>
    var owner: EntityID<Learner>
    var pathway: EntityID<Pathway>
    var version: Int
    var title: String
    /// Ids of the components that are met.
    var met: Set<String>
    /// Milestones and completion stand once reached, also when what they rest on is voided later: only a body's decision
    /// could take them back (invariant 11). So they are said once.
    var milestones: Set<String>
    var isCompleted: Bool
    /// Keys of the entitlements that accrued through this enrollment.
    var entitlements: Set<String>

    var learner: EntityID<Learner>? { owner }

    init?(_ event: any Event) {
        guard let event = event as? LearnerEnrolled else { return nil }
        id = event.enrollment
        owner = event.learner
        pathway = event.pathway
        version = event.pathwayVersion
        title = event.title
        met = []
        milestones = []
        isCompleted = false
        entitlements = []
    }

    mutating func evolve(_ event: any Event) {
        switch event {
        case let event as ComponentFulfilled: met.insert(event.component)
        case let event as ComponentFulfillmentWithdrawn: met.remove(event.component)
        case let event as MilestoneReached: milestones.insert(event.component)
        case is PathwayCompleted: isCompleted = true
        case let event as EntitlementAccrued: entitlements.insert(event.key)
        default: break
        }
    }

    /// What was said so far, as a standing to compare with.
    fileprivate var said: PathwayStanding {
        let components = met.map { ($0, Fulfillment(state: .met, reason: .init())) }
        return PathwayStanding(
            components: Dictionary(components, uniquingKeysWith: { first, _ in first }), isComplete: isCompleted,
            milestonesReached: milestones.sorted(), entitlementsEarned: entitlements.sorted())
    }
}

/// What a new standing means for an enrollment.
struct Progress {
    /// In the order of `PathwayStanding.changes`, without entitlements.
    var events: [any Event] = []
    /// Earned and not accrued through this enrollment; whether each is new, only the table knows.
    var earned: [EntitlementAccrued] = []

    /// - Parameters:
    ///   - because: the attainment whose voiding led to this, if one did.
    ///   - day: on which entitlements accrue.
    init(
        of enrollment: EnrollmentState, to standing: PathwayStanding, in document: PathwayDocument,
        because: EntityID<Attainment>?, on day: CalendarDate
    ) {
        let components = Dictionary(
            document.components.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for change in standing.changes(from: enrollment.said) {
            switch change {
            case .componentFulfilled(let id):
                events.append(ComponentFulfilled(
                    enrollment: enrollment.id, learner: enrollment.owner, pathway: enrollment.pathway, component: id,
                    title: components[id]?.title ?? id, attainments: standing.attainments(behind: id)))
            case .componentFulfillmentWithdrawn(let id):
                events.append(ComponentFulfillmentWithdrawn(
                    enrollment: enrollment.id, learner: enrollment.owner, pathway: enrollment.pathway, component: id,
                    because: because))
            case .milestoneReached(let id):
                events.append(MilestoneReached(
                    enrollment: enrollment.id, learner: enrollment.owner, pathway: enrollment.pathway, component: id,
                    title: components[id]?.milestone?.title ?? id))
            case .completed:
                events.append(PathwayCompleted(
                    enrollment: enrollment.id, learner: enrollment.owner, pathway: enrollment.pathway,
                    pathwayVersion: enrollment.version, title: enrollment.title))
            case .entitlementEarned(let key):
                earned += document.entitlements.filter { $0.id == key }.prefix(1).map {
                    EntitlementAccrued($0, to: enrollment, on: day)
                }
            // These stand until a body decides otherwise (invariant 11).
            case .milestoneWithdrawn, .completionWithdrawn, .entitlementWithdrawn: break
            }
        }
    }
}

extension EntitlementAccrued {
    /// One right of one learner from one pathway: the id knows neither version nor enrollment, so that a second one, or a
    /// second destination, leads to the same right (invariant 10).
    fileprivate init(_ entitlement: PathwayDocument.Entitlement, to enrollment: EnrollmentState, on day: CalendarDate) {
        self.init(
            entitlement: .following(
                "entitlement", enrollment.owner.description, enrollment.pathway.description, entitlement.id,
                alongside: enrollment.owner.uuid),
            enrollment: enrollment.id, learner: enrollment.owner, pathway: enrollment.pathway, key: entitlement.id,
            kind: entitlement.kind.rawValue, title: entitlement.title, obligor: entitlement.obligor,
            until: CalendarDate(daysSince1970: day.daysSince1970 + entitlement.days))
    }
}

/// A learner is in a pathway once at a time, and in one version once.
func decide(
    enrolling learner: EntityID<Learner>, in version: PathwayState.Version, of pathway: EntityID<Pathway>,
    as id: EntityID<Enrollment>, beside others: [EnrollmentState]
) throws(Fault) -> LearnerEnrolled {
    for other in others where other.pathway == pathway {
        if !other.isCompleted {
            throw .conflict("enrollment.active", "The learner is enrolled in this pathway, in version \(other.version).")
        }
        if other.version == version.number {
            throw .conflict("enrollment.completed", "The learner completed this version.")
        }
    }
    return LearnerEnrolled(
        enrollment: id, learner: learner, pathway: pathway, pathwayVersion: version.number, title: version.title)
}
