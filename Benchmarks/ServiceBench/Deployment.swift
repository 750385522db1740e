import Domain
import Foundation
import Logging
import Messaging
import ServiceKit

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The services of one deployment, asked as the gateway asks them.
struct Deployment: Sendable {
    let mesh: Mesh
    private let clients: [String: RequestClient]

    /// - Parameter services: only these are connected to, so that others may be down.
    init(_ folder: String, services: [String]) throws {
        let settings = try Settings(environment: [:], file: "\(folder)/cairn.env")
        let mesh = try Mesh(role: "gateway", settings: settings, logger: Self.logger)
        self.mesh = mesh
        clients = try Dictionary(uniqueKeysWithValues: services.map { ($0, try mesh.client(of: $0)) })
    }

    static var logger: Logger {
        var logger = Logger(label: "service-bench") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }

    /// One request, its key fresh: no measurement repeats a command.
    func ask<R: Request>(_ request: R, as subject: [UInt8]) async throws -> R.Reply {
        try Wire.decode(R.Reply.self, from: try await send(
            Wire.encode(request), to: R.name, isQuery: R.self is any Query.Type, as: subject))
    }

    /// The same with a body that is written already. - Returns: the reply's, as it came.
    func send(_ body: [UInt8], to name: RequestName, isQuery: Bool = false, as subject: [UInt8]) async throws -> [UInt8] {
        guard let client = clients[name.service] else { throw Failure("\(name) has no service here") }
        let reply = try await client.call(OutgoingRequest(
            method: name.text, key: isQuery ? nil : UUID.version7().text, idempotent: isQuery, deadline: .seconds(20),
            subject: subject, body: body))
        guard reply.status == 0 else { throw Failure("\(name): \(String(decoding: reply.body, as: UTF8.self))") }
        return reply.body
    }

    func close() async {
        for client in clients.values { await client.close() }
        await mesh.reactor.shutdown()
    }
}

/// Whom the gateway would say it speaks for.
func subject(_ id: String, _ grants: RoleGrant...) -> [UInt8] { Wire.encode(Subject(id: "client:\(id)", grants: grants)) }

/// What both measurements of judgments need.
enum Trade {
    static let targets = ["urn:uuid:00000000-0000-4000-8000-00000000a001", "urn:uuid:00000000-0000-4000-8000-00000000a002"]
    static let rubric = PublishRubric(title: "Trades", criteria: targets.enumerated().map { number, target in
        RubricCriterion(
            id: "c\(number)", target: target, description: "Shows it.",
            levels: [CriterionLevel(level: 1, description: "Begins"), CriterionLevel(level: 2, description: "Does")],
            metAt: 2)
    })

    static func evidence(for assessment: EntityID<Assessment>) -> SubmitEvidence {
        SubmitEvidence(assessment: assessment, title: "Video of the workshop", kind: "video",
                       sha256: String(repeating: "ab", count: 32), sizeBytes: 1_000_000)
    }

    static func judgment(of assessment: EntityID<Assessment>, under license: EntityID<License>, met: Bool) -> RecordJudgment {
        RecordJudgment(assessment: assessment, license: license, criteria: [
            CriterionJudgment(criterion: "c0", level: 2),
            CriterionJudgment(criterion: "c1", level: met ? 2 : 1, feedback: met ? nil : "Read two more drawings, then show the third."),
        ])
    }

    static func license(_ assessor: EntityID<Assessor>, by organization: EntityID<Organization>) throws -> GrantLicense {
        GrantLicense(assessor: assessor, issuer: organization, scope: LicenseScope(targets: targets),
                     from: try day("2020-01-01"), until: try day("2100-01-01"))
    }

    static func day(_ text: String) throws -> CalendarDate {
        guard let day = CalendarDate(text) else { throw Failure("\(text) is no date") }
        return day
    }
}

/// So many at a time, in order of the answers' places.
func each<Value: Sendable>(
    of count: Int, width: Int = 64, _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> [Value] {
    try await withThrowingTaskGroup(of: [(Int, Value)].self) { group in
        for lane in 0..<width {
            group.addTask {
                var mine: [(Int, Value)] = []
                for place in stride(from: lane, to: count, by: width) { mine.append((place, try await body(place))) }
                return mine
            }
        }
        return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

func write(_ value: some Encodable, to path: String) throws {
    try Data(Wire.encode(value)).write(to: URL(fileURLWithPath: path))
}

func read<Value: Decodable>(_ type: Value.Type = Value.self, from path: String) throws -> Value {
    try Wire.decode(type, from: Array(Data(contentsOf: URL(fileURLWithPath: path))))
}
