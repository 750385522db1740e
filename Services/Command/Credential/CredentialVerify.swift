import ArgumentParser
import Credentials
import Domain
import Foundation

struct CredentialVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a credential and say what was found, check by check.",
        discussion: """
            Takes JSON, a JWT, and PNG or SVG with a credential in it; - is standard input. There is no single verdict: an \
            expired credential is still history, and a status list that cannot be had is no forgery.

              structure    it has what a credential of its class must have
              semantics    every term means something under its contexts
              proof        a proof fits the document and the key it names
              issuer       the key is the issuer's, and the issuer is known
              status       it was neither revoked nor suspended
              validity     now is within its period
              recipient    it is about whom it should be about (with --recipient)
              endorsements, credentials   those within it, each checked for itself

            Nothing is fetched unless --fetch says so. An issuer's keys come from --issuer, status lists from --status; with \
            --fetch those that are missing are asked for at their own addresses, which tells their hosts that somebody looks. \
            Fetching makes no issuer known: --known does.

              cairn credential verify badge.json --issuer did.json
              cairn credential verify badge.png --issuer did.json \\
                --status https://…/status/1=list.json --json
              cairn credential verify badge.json --fetch --known did:web:records.example.gov

            Ends with 0 when all checks passed, 1 when one failed, 2 when one could not be done.
            """)

    @Argument(help: "The credential's file, or - for standard input.") var file: String
    @Option(help: "An issuer's DID document or controller document; it becomes a known issuer. May be repeated.") var issuer: [String] = []
    @Option(help: "The id of another known issuer, such as a did:key. May be repeated.") var known: [String] = []
    @Option(help: "A status list as ADDRESS=FILE. May be repeated.") var status: [String] = []
    @Flag(help: "Ask the web for issuers' documents and status lists that were not given: https, 15 s and 64 KiB each.") var fetch = false
    @Option(help: "Whose it should be: an id, or an identifier such as an e-mail address.") var recipient: String?
    @Option(help: "The moment to check for. Left out: now.") var at: String?
    @Flag(help: "Print JSON instead of text.") var json = false

    func run() async throws {
        let report: VerificationReport
        do { report = try await check() } catch let problem as CommandProblem {
            Terminal.remark("Error: \(problem)")
            throw ExitCode(2)
        }
        if json { Terminal.say(String(decoding: report.json.serialized(), as: UTF8.self)) } else {
            for line in Self.lines(report) { Terminal.say(line) }
        }
        switch report.combined {
        case .passed: break
        case .failed: throw ExitCode(1)
        case .unchecked: throw ExitCode(2)
        }
    }

    private func check() async throws -> VerificationReport {
        let documents = try issuer.map { try CredentialFiles.document($0) }
        var lists: [String: [UInt8]] = [:]
        for pair in status {
            // Addresses have = in their queries; the file comes after the last one.
            guard let equals = pair.lastIndex(of: "="), equals != pair.startIndex else { throw CommandProblem("--status wants ADDRESS=FILE.") }
            lists[String(pair[..<equals])] = try CredentialFiles.read(String(pair[pair.index(after: equals)...]))
        }
        guard let now = at.map({ Timestamp($0) }) ?? .now else { throw CommandProblem("--at must be a date and time with an offset.") }
        let keys = LocalKeys(documents), local = LocalDocuments(lists)
        let web = fetch ? CredentialFetch(keys: keys, documents: local) : nil
        let verifier = Verifier(
            keys: web ?? keys, documents: web ?? local,
            knownIssuers: issuer.isEmpty && known.isEmpty ? nil : Set(documents.map(\.id) + known), now: now, recipient: recipient)
        return await verifier.verify(file: try CredentialFiles.read(file))
    }

    /// Text for people, one line a check.
    static func lines(_ report: VerificationReport, indent: String = "") -> [String] {
        func say(_ text: String) -> String { Terminal.printable(text, limit: 600) }
        var lines = ["\(indent)\(say(report.name ?? report.id ?? "(no name)"))"]
        if let issuer = report.issuer { lines.append("\(indent)  from \(say(issuer))") }
        for check in report.checks {
            let (sign, style): (String, Terminal.Style) = switch check.outcome {
            case .passed: ("passed ", .green)
            case .failed: ("FAILED ", .red)
            case .unchecked: ("unknown", .yellow)
            }
            lines.append("\(indent)  \(Terminal.styled(sign, style))  \(Table.pad(check.name.rawValue, 12))  \(say(check.reason))")
        }
        for note in report.notes { lines.append("\(indent)  note: \(say(note))") }
        for (word, reports) in [("credential", report.nested), ("endorsement", report.endorsements)] {
            for (place, nested) in reports.enumerated() where nested.checks.contains(where: { $0.outcome == .failed }) || reports.count <= 10 {
                lines.append("\(indent)  \(word) \(place + 1):")
                lines += Self.lines(nested, indent: indent + "    ")
            }
        }
        return lines
    }
}
