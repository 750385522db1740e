import ArgumentParser
import Crypto
import Domain
import Foundation

struct ImportCase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case",
        abstract: "Import a CASE package as a framework version.",
        discussion: """
            Takes CASE 1.0 and 1.1 packages of at most 64 MiB, as files or from the web. What can be mended is mended \
            and listed; an optional member that cannot be read is kept as it is and listed; anything else that is broken \
            is refused with the place of each offending member, and nothing is changed. The same content twice is one \
            framework; other content of the same document is its next version.

              cairn import case ops/sample/frameworks/graduate-profile.json
              cairn import case https://frameworks.example.gov/ims/case/v1p1/CFPackages/<id>
            """)

    /// What one request may carry; anything larger goes in parts.
    static let wholeBytesMax = 1 << 20
    static let partBytes = 512 << 10

    @OptionGroup var options: DeploymentOptions

    @Argument(help: "A file, or an address beginning with https:// or http://.")
    var source: String

    @Option(help: "The client that imports; it needs the role operator.")
    var client = "operator"

    func run() async throws {
        let client = try ClientFile(deployment: options.existing()).connect(client)
        let began = ContinuousClock.now
        let package = try await CaseSource.read(source)
        do {
            let reply = try await Self.upload(package, by: client)
            report(reply, took: began.duration(to: .now))
        } catch let problem as APIProblem where !problem.violations.isEmpty {
            Terminal.say("Refused: \(Terminal.printable(problem.detail))")
            for violation in problem.violations {
                Terminal.say("  \(violation.pointer.isEmpty ? "(whole)" : Terminal.printable(violation.pointer)): "
                    + "\(Terminal.printable(violation.message)) [\(violation.rule)]")
            }
            throw ExitCode(1)
        }
    }

    static func upload(_ package: [UInt8], by client: APIClient) async throws -> ImportFramework.Reply {
        if package.count <= wholeBytesMax {
            do {
                return try decode(await client.send("POST", "/v1/frameworks", body: package))
            } catch let problem as APIProblem where problem.status == 413 {
                // Small, but with more values than one request may have.
            }
        }
        let upload = uploadID(package)
        let parts = stride(from: 0, to: package.count, by: partBytes).map { Array(package[$0..<min($0 + partBytes, package.count)]) }
        let progress = Progress("sending \(parts.count) parts", total: parts.count)
        _ = try await concurrently(Array(parts.enumerated()), limit: 4) { number, part in
            let stage = StageUpload(upload: upload, part: number, of: parts.count, content: Data(part).base64EncodedString())
            _ = try await client.ask(
                stage, "PUT /v1/uploads/{upload}/parts/{part}", key: "stage-\(upload)-\(number)-\(UUID().text)")
            progress.advance()
        }
        progress.finish("\(package.count / 1024) KiB")
        let body = JSONValue.object(["upload": .string(upload.description)]).serialized()
        return try decode(await client.send("POST", "/v1/frameworks", body: body, timeout: .seconds(60), triesMax: 20))
    }

    /// The same content has the same id, so that a repeat goes on where another broke off.
    static func uploadID(_ package: [UInt8]) -> EntityID<Upload> {
        EntityID(UUID.version8(Array(SHA256.hash(data: package))))
    }

    private static func decode(_ body: [UInt8]) throws -> ImportFramework.Reply {
        try JSONValue.parse(body, limits: .file).decode(ImportFramework.Reply.self, unknownMembers: .ignored)
    }

    private func report(_ reply: ImportFramework.Reply, took: Duration) {
        let title = Terminal.printable(reply.title, limit: 200)
        Terminal.say(reply.imported
            ? "Imported “\(title)” as version \(reply.version): \(reply.items) items, \(reply.associations) associations, in \(took.spoken)."
            : "“\(title)” was here already as version \(reply.version), with the same content: \(reply.items) items.")
        Terminal.say("  framework \(reply.framework)")
        guard let counts = reply.repairCounts else { return }
        for line in Self.summary(of: reply.repairs, counts) { Terminal.say(line) }
    }

    /// Two lines for each rule, the most frequent first: how often and what, and the first places.
    static func summary(of repairs: [ImportRepair], _ counts: [RepairCount]) -> [String] {
        guard !counts.isEmpty else { return ["  nothing had to be mended"] }
        let total = counts.reduce(0) { $0 + $1.count }
        let examples = Dictionary(grouping: repairs, by: \.rule)
        let rules = counts.sorted { ($1.count, $0.rule) < ($0.count, $1.rule) }
        return ["  mended in \(total) \(total == 1 ? "place" : "places"):"] + rules.flatMap { rule in
            let repairs = examples[rule.rule] ?? []
            let messages = repairs.reduce(into: [String]()) { known, repair in
                if known.count < 3, !known.contains(repair.message) { known.append(repair.message) }
            }
            let places = repairs.prefix(3).map { $0.pointer.isEmpty ? "(whole)" : Terminal.printable($0.pointer, limit: 200) }
            return [
                "  \(String(repeating: " ", count: max(0, 6 - "\(rule.count)".count)))\(rule.count)  \(rule.rule): "
                    + Terminal.printable(messages.joined(separator: " · "), limit: 200),
                "          at \(places.joined(separator: ", "))\(rule.count > places.count ? ", …" : "")",
            ]
        }
    }
}
