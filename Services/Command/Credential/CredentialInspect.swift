import ArgumentParser
import Credentials
import Domain
import Foundation

struct CredentialInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a credential says, believing nothing of it.",
        discussion: """
            Reads any kind of file that verify reads, and checks nothing: what is shown may be forged.

              cairn credential inspect baked.png
              cairn credential inspect token.jwt --json
            """)

    @Argument(help: "The credential's file, or - for standard input.") var file: String
    @Flag(help: "Print JSON: file (json, jwt, png, svg), header (of a JWT), credential.") var json = false

    func run() throws {
        do {
            let (kind, text) = try CredentialFile.open(CredentialFiles.read(file))
            let read = try Verifier.readable(text)
            if json {
                var object: JSONObject = ["file": .string(kind.rawValue)]
                object["header"] = read.header.map(JSONValue.object)
                object["credential"] = .object(read.credential)
                try CredentialFiles.write(CredentialFiles.pretty(.object(object)), to: nil)
            } else {
                for line in Self.lines(read.credential, kind, read.header) { Terminal.say(line) }
            }
        } catch let error as CredentialError { throw error.problem(file) }
    }

    static func lines(_ credential: JSONObject, _ kind: CredentialFile.Kind, _ header: JSONObject?) -> [String] {
        var lines: [String] = []
        func line(_ label: String, _ text: String?) {
            if let text { lines.append("\(Table.pad(label, 12))  \(Terminal.printable(text, limit: 300))") }
        }
        func list(_ name: String) -> [JSONValue] { credential[name].map { $0.array ?? [$0] } ?? [] }
        line("name", credential["name"]?.text)
        line("type", credential.types.joined(separator: ", "))
        line("id", credential["id"]?.text)
        line("issuer", [credential["issuer"]?["name"]?.text, credential.issuerID].compactMap(\.self).joined(separator: ", "))
        line("valid from", (credential["validFrom"] ?? credential["issuanceDate"])?.text)
        line("valid until", (credential["validUntil"] ?? credential["expirationDate"])?.text)
        for subject in list("credentialSubject") {
            line("subject", subject["id"]?.text ?? "named by \(subject["identifier"]?.array?.count ?? 0) identifiers")
            line("achievement", subject["achievement"]?["name"]?.text)
            for result in subject["result"]?.array ?? [] {
                line("result", [result["achievedLevel"], result["value"], result["status"]].compactMap { $0?.text }.joined(separator: ", "))
            }
            if let nested = subject["verifiableCredential"]?.array { line("credentials", "\(nested.count)") }
        }
        for evidence in list("evidence") { line("evidence", evidence["name"]?.text ?? evidence["id"]?.text) }
        for status in list("credentialStatus") { line("status", (status["statusListCredential"] ?? status["id"])?.text) }
        for proof in list("proof") {
            line("proof", [proof["cryptosuite"] ?? proof["type"], proof["verificationMethod"]].compactMap { $0?.text }.joined(separator: " by "))
        }
        if let header { line("proof", "JWT \(header["alg"]?.text ?? "") by \(header["kid"]?.text ?? "a key it carries")") }
        line("file", kind.rawValue)
        return lines
    }
}
