/// What a partner's feed says about itself, beside learner events.
package enum FeedMessage {
    /// Something is at this place that may not leave.
    package static let withheld: EventType = "notifications.withheld"
    /// What let these leave was taken back.
    package static let retraction: EventType = "notifications.retraction"
    /// The brackets around what happened before.
    package static let backfillStarted: EventType = "notifications.backfill_started"
    package static let backfillCompleted: EventType = "notifications.backfill_completed"

    package static let all = [withheld, retraction, backfillStarted, backfillCompleted]
    package static let brackets: Set<EventType> = [backfillStarted, backfillCompleted]

    /// The members of `data`, of those that name a learner.
    package static let disclosed: [EventType: [String]] = [
        retraction: ["events", "purpose", "sequences"], backfillStarted: [], backfillCompleted: ["count"],
    ]
}
