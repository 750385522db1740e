import Domain
import EventLog
import Foundation
import ServiceKit
import Storage

/// Partners, subscriptions and their feeds, webhooks, support cases. What may leave, records decides.
@main struct NotificationsService: DurableService {
    static let name = "notifications"
    static let port = 7140
    static let neighbors = ["records", "pathways", "assessment"]
    static let configurationKeys = NotificationsConfiguration.keys
    static let migrations = [
        Migration(name: "n0001_start", sql: String(decoding: PackageResources.n0001_start_sql, as: UTF8.self)),
        Migration(name: "n0002_plans_kept", sql: String(decoding: PackageResources.n0002_plans_kept_sql, as: UTF8.self)),
        Migration(name: "n0003_one_consent", sql: String(decoding: PackageResources.n0003_one_consent_sql, as: UTF8.self)),
        Migration(name: "n0004_void_cases", sql: String(decoding: PackageResources.n0004_void_cases_sql, as: UTF8.self)),
        Migration(name: "n0005_retraction_frees", sql: String(decoding: PackageResources.n0005_retraction_frees_sql, as: UTF8.self)),
        Migration(name: "n0006_ended_forgets", sql: String(decoding: PackageResources.n0006_ended_forgets_sql, as: UTF8.self)),
        Migration(name: "n0007_pressing", sql: String(decoding: PackageResources.n0007_pressing_sql, as: UTF8.self)),
    ]

    static func build(_ parts: ServiceParts) async throws -> ServiceDefinition {
        let configuration = try NotificationsConfiguration(parts.settings, listen: parts.listen)
        if configuration.loopbackAllowed {
            parts.logger.warning(
                "DEVELOPMENT SWITCH ON: webhooks may go to loopback addresses over plain HTTP",
                metadata: ["variable": "\(NotificationsConfiguration.loopback.variable)"])
        }
        if configuration.schedule.scale != 1 {
            parts.logger.warning("TEST SWITCH ON: the retry schedule is scaled", metadata: [
                "variable": "\(NotificationsConfiguration.retryScale.variable)",
                "factor": "\(configuration.schedule.scale)"])
        }
        return Feeds(parts, configuration).definition
    }
}

/// The service's parts, put together once.
private struct Feeds {
    let definition: ServiceDefinition

    init(_ parts: ServiceParts, _ configuration: NotificationsConfiguration) {
        let log = parts.log, logger = parts.logger
        let bell = FeedNews()
        let subscriptions = Subscriptions(log)
        let cases = SupportCases(log)
        let feeds = FeedStore(log: log)
        let work = WorkStore(log: log)
        let settlements = SettlementStore(log: log, logger: logger)
        let disclosures = RecordsDisclosures(records: parts.caller(of: "records"))
        let discloser = Discloser(
            disclosures: disclosures, feeds: feeds, settlements: settlements, events: configuration.events)
        let incarnation = Incarnation(log, logger: logger)
        let gauges = FeedGauges(feeds: feeds, incarnation: incarnation)
        let webhooks = WebhookClient(logger: logger)
        let sender = Sender(
            work: work, discloser: discloser, posting: webhooks, signing: configuration.signing,
            schedule: configuration.schedule, loopbackAllowed: configuration.loopbackAllowed, incarnation: incarnation,
            bell: bell, logger: logger
        ) { subscription, reason, key in
            try await subscriptions.suspend(subscription, reason: reason, key: key)
        }

        // The last one is our own log: support cases leave like everything else.
        let sources = NotificationsService.neighbors + [NotificationsService.name]
        definition = ServiceDefinition(
            handlers: [
                RegisterPartnerHandler(subscriptions: subscriptions),
                GetPartnerHandler(subscriptions: subscriptions),
                SubscribeHandler(subscriptions: subscriptions, loopbackAllowed: configuration.loopbackAllowed),
                EndSubscriptionHandler(subscriptions: subscriptions, work: work),
                GetSubscriptionHandler(subscriptions: subscriptions, feeds: feeds),
                GetSubscriptionSecretHandler(subscriptions: subscriptions, signing: configuration.signing),
                ReadFeedHandler(
                    subscriptions: subscriptions, feeds: feeds, discloser: discloser, settlements: settlements,
                    incarnation: incarnation, bell: bell),
                ListDeliveriesHandler(subscriptions: subscriptions, log: log),
                ReplayFeedHandler(subscriptions: subscriptions, work: work, bell: bell),
                RetryDeliveryHandler(subscriptions: subscriptions, work: work, bell: bell),
                CheckSenderHandler(log: log),
                ListSupportCasesHandler(cases: cases),
                AcknowledgeSupportCaseHandler(cases: cases),
                PlanSupportCaseHandler(cases: cases),
                ResolveSupportCaseHandler(cases: cases),
            ],
            reactions: sources.map { FanOut(source: $0, bell: bell) }
                + [SupportCaseReaction(cases: cases, time: configuration.supportTime)] as [any Reaction],
            // They stop from the last to the first: posts under way end while records can still be told and the
            // sender's lock is held.
            loops: [
                ServiceLoop(name: "sender-lock") { await incarnation.run() },
                ServiceLoop(name: "settlements") {
                    await SettlementLoop(settlements: settlements, disclosures: disclosures, logger: logger).run()
                },
                ServiceLoop(name: "backfill") { await BackfillLoop(feeds: feeds, bell: bell, logger: logger).run() },
                ServiceLoop(name: "escalation") { await EscalationLoop(cases: cases, logger: logger).run() },
                ServiceLoop(name: "feed-gauges") { await gauges.run() },
                ServiceLoop(name: "sender") {
                    await sender.run()
                    await webhooks.close()
                },
            ],
            gauges: { gauges.samples })
    }
}
