import Domain

/// The same learner on the same day under another pathway, or another version of it. Names are component ids; lists are
/// in the order of the new document, or of the old one for what is only there.
///
/// A component of the old document and one of the new are the same when they have the same id, or else the same rule for
/// their target (target, level, bases, currency), each matched once, in the order of the documents.
///
/// JSON: the members as they are named here.
package struct PathwayComparison: Hashable, Sendable, Codable {
    /// Met in both.
    package var carried: [Pair]
    /// Wanted on the way to the new destinations and not held: `PathwayStanding.remaining` under the new document.
    package var missing: [String]
    /// Met under the new document and not under the old one, or not in it.
    package var gained: [String]
    /// Met under the old document; under the new one it is there and not met. Ids of the old document.
    package var lost: [String]
    /// Met under the old document, and nothing in the new one asks for it. Not a loss in itself: what it led to is
    /// compared as milestones and entitlements. Ids of the old document.
    package var dropped: [String]
    /// Unknown under either document, or under the new one alone. Ids of the new document.
    package var unknown: [String]
    /// Milestones that are reached under the new document alone.
    package var milestonesGained: [String]
    /// Reached under the old document; under the new one not reached, no milestone, or not there. Ids of the old one.
    package var milestonesLost: [String]
    /// Ids of entitlements; these keep theirs from version to version.
    package var entitlementsGained: [String]
    package var entitlementsLost: [String]
    /// Earned under both, but owed by another organization, of another kind, on other terms, or for fewer days.
    package var entitlementsReduced: [String]
    package var isCompleteBefore: Bool
    package var isCompleteAfter: Bool
    package var workBefore: Work
    package var workAfter: Work
    /// How many of the ways that were offered under the old document complete the new one as well. Tells how far plans
    /// hold; no part of the verdict. Ways with a constraint as a whole are not tried.
    package var waysKept: Int
    package var waysTried: Int
    package var verdict: Verdict
    /// Why the verdict is not `noWorse`; empty if it is.
    package var because: [Reason]

    /// Invariant 4 for this learner: see `Verdict.noWorse`.
    package var isNoWorse: Bool { verdict == .noWorse }

    package struct Pair: Hashable, Sendable, Codable {
        package var old: String
        package var new: String
    }

    /// What is still to do: the cost of the cheapest way that completes, 0 when complete.
    package struct Work: Hashable, Sendable, Codable {
        /// It costs no less.
        package var atLeast: Double
        /// A way of this cost is known; nil when none is.
        package var atMost: Double?
        /// Nothing that can be acquired completes it.
        package var isImpossible: Bool
    }

    package enum Verdict: String, Hashable, Sendable, Codable {
        /// Nothing that is met is unmet after, no milestone and no entitlement is lost or reduced, completion stays, and
        /// the remaining work is not larger: the cheapest way to complete the new one costs at most as much as the
        /// cheapest one did before.
        case noWorse = "no_worse"
        case worse
        /// Neither is certain: something is unknown, or the search was cut before it could tell.
        case undecided
    }

    package enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        case componentLost = "component_lost"
        case milestoneLost = "milestone_lost"
        case entitlementLost = "entitlement_lost"
        case entitlementReduced = "entitlement_reduced"
        case completionLost = "completion_lost"
        case workLarger = "work_larger"
        /// Of `undecided`.
        case inputUnknown = "input_unknown"
        case workUndecided = "work_undecided"
    }
}
