import Domain
import EventLog
import ServiceKit
import Storage

/// Learners, their records, their consents, and the record of every disclosure.
@main struct RecordsService: DurableService {
    static let name = "records"
    static let port = 7110
    static let neighbors = ["assessment", "notifications"]
    static let migrations = [
        Migration(name: "r0001_start", sql: String(decoding: PackageResources.r0001_start_sql, as: UTF8.self))
    ]

    static let pairwiseKeyFile = ConfigurationKey.secretFile(
        "records.pairwise.key.file",
        purpose: "a file of at least 32 random bytes from which partners' ids of learners are made; losing or changing "
            + "it makes every learner a stranger to every partner",
        example: "/etc/cairn/records-pairwise.key")
    static let configurationKeys = [pairwiseKeyFile]

    static func build(_ parts: ServiceParts) async throws -> ServiceDefinition {
        guard let pairwise = PairwiseIDs(masterKey: try parts.settings.secretFile(pairwiseKeyFile)) else {
            throw ConfigurationError.malformed(
                pairwiseKeyFile, "names a file of less than \(PairwiseIDs.masterKeyBytesMin) bytes")
        }
        let settled = FeedNews()
        let learners = LearnerStore(parts.log)
        let attainments = AttainmentStore(parts.log)
        let consents = ConsentStore(parts.log, settled: settled)
        let disclosures = DisclosureStore(parts.log, pairwise: pairwise, settled: settled)

        let notifications = parts.caller(of: "notifications")
        let reaper = DisclosureReaper(disclosures, logger: parts.logger) { sender in
            try await notifications.ask(CheckSender(sender: sender), deadline: .seconds(1), trace: .start()).alive
        }
        return ServiceDefinition(
            handlers: [
                RegisterLearnerHandler(learners: learners),
                ClaimIdentifierHandler(learners: learners),
                GetLearnerHandler(learners: learners),
                GetCustodianHandler(learners: learners),
                GetLearnerRecordHandler(learners: learners, attainments: attainments),
                VoidAttainmentHandler(attainments: attainments, learners: learners),
                GrantConsentHandler(consents: consents, learners: learners),
                WithdrawConsentHandler(consents: consents),
                GetConsentHandler(consents: consents),
                ListConsentsHandler(consents: consents),
                AuthorizeDisclosuresHandler(disclosures: disclosures),
                SettleDisclosuresHandler(disclosures: disclosures),
                ListDisclosuresHandler(disclosures: disclosures),
            ],
            reactions: [AttainmentsReaction(attainments: attainments)],
            loops: [ServiceLoop(name: "disclosure reaper") { await reaper.run() }],
            gauges: { reaper.samples })
    }
}
