import ArgumentParser
import AsyncHTTPClient
import Crypto
import Domain
import Foundation

struct ImportCase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "case",
        abstract: "Import a CASE package as a framework version.",
        discussion: """
            Takes CASE 1.0 and 1.1 packages, as files or from the web. What can be mended is mended and listed; what is \
            broken is refused with the place of each offending member, and nothing is changed. The same content twice \
            is one framework.

              cairn import case ops/sample/frameworks/graduate-profile.json
              cairn import case https://frameworks.example.gov/ims/case/v1p1/CFPackages/<id>
            """)

    static let bytesMax = 64 << 20
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
        let package = try await read()
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

    private func read() async throws -> [UInt8] {
        if source.hasPrefix("https://") || source.hasPrefix("http://") {
            Terminal.remark("Fetching \(source) …")
            do {
                let response = try await API.http.execute(HTTPClientRequest(url: source), timeout: .seconds(60))
                guard response.status == .ok else {
                    throw CommandProblem("\(source) answered \(response.status.code).", next: "give the package's final address")
                }
                return Array(try await response.body.collect(upTo: Self.bytesMax).readableBytesView)
            } catch let error as CommandProblem { throw error } catch {
                throw CommandProblem("\(source) cannot be fetched: \(error)")
            }
        }
        guard let size = (try? FileManager.default.attributesOfItem(atPath: source))?[.size] as? Int,
              let data = size <= Self.bytesMax ? FileManager.default.contents(atPath: source) : nil
        else { throw CommandProblem("\(source) cannot be read, or is larger than 64 MiB.") }
        return Array(data)
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
        for line in Self.summary(of: reply.repairs) { Terminal.say(line) }
    }

    /// One line for each rule, the most frequent first.
    static func summary(of repairs: [ImportRepair]) -> [String] {
        guard !repairs.isEmpty else { return ["  nothing had to be mended"] }
        let groups = Dictionary(grouping: repairs, by: \.rule).sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        return ["  mended in \(repairs.count) places:"] + groups.flatMap { rule, repairs in
            let places = repairs.prefix(3).map { $0.pointer.isEmpty ? "(whole)" : Terminal.printable($0.pointer) }
            return [
                "  \(String(repeating: " ", count: max(0, 6 - "\(repairs.count)".count)))\(repairs.count)  \(rule): "
                    + Terminal.printable(repairs[0].message, limit: 200),
                "          at \(places.joined(separator: ", "))\(repairs.count > 3 ? ", …" : "")",
            ]
        }
    }
}
