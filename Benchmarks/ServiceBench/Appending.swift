import Domain
@testable import EventLog
import Foundation
import Logging
import Storage

/// The group writer alone, in this process: units with the sizes of a real judgment's rows.
struct Appending {
    private let configuration: DatabaseConfiguration
    private let body: [UInt8], payloads: [[UInt8]], answer: [UInt8]

    /// - Parameter material: a folder with `body`, `payload-1`, `payload-2` and `answer`, taken from a real judgment.
    init(url: String, passfile: String, material: String) throws {
        func bytes(_ name: String) throws -> [UInt8] {
            try Array(Data(contentsOf: URL(fileURLWithPath: "\(material)/\(name)")).filter { $0 != UInt8(ascii: "\n") })
        }
        configuration = DatabaseConfiguration(
            url: url, passfile: passfile, schema: "bench_log", applicationName: "service-bench")
        body = try bytes("body")
        payloads = [try bytes("payload-1"), try bytes("payload-2")]
        answer = try bytes("answer")
    }

    @concurrent func run(seconds: Int, callers: Int) async throws {
        let log = EventLog(configuration, source: "bench", logger: Deployment.logger) {}
        let reply: JSONValue = try JSONValue.parse(answer)
        let streams = 48
        let start = ContinuousClock.now, end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    let learners = (0..<streams).map { _ in EntityID<Learner>.make() }
                    var versions = [Int64](repeating: 0, count: streams), count = 0
                    while ContinuousClock.now < end {
                        let place = count % streams
                        let unit = unit(of: learners[place], at: versions[place], answer: .reply(reply))
                        guard case .applied = try await log.append(unit) else { throw Failure("a unit was not applied") }
                        versions[place] += Int64(payloads.count)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        print(Int(Double(count) / ((ContinuousClock.now - start) / .seconds(1))))
        await log.close()
    }

    private func unit(of learner: EntityID<Learner>, at version: Int64, answer: StoredAnswer) -> AppendUnit {
        let now = Timestamp.now
        return AppendUnit(
            stream: learner.uuid, kind: "assessment", learner: learner.uuid, expected: StateVersion(version), body: body,
            caller: "client:bench-assessor", key: UUID.version7().text, digest: [UInt8](repeating: 7, count: 32), answer: answer,
            events: payloads.enumerated().map { number, payload in
                NewEvent(
                    id: .version7(at: now), type: number == 0 ? JudgmentRecorded.type : OutcomeNotYet.type, version: 1,
                    effectiveAt: now, actor: "client:bench-assessor", authority: "assessor/\(learner)", causedBy: nil,
                    correlation: nil, traceparent: "00-00000000000000000000000000000001-0000000000000001-01",
                    payload: payload)
            })
    }
}
