import ArgumentParser
import Credentials
import Domain
import Foundation

extension StatusPurpose: ExpressibleByArgument {}

struct CredentialStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Keep a list that revokes or suspends, and publish it.",
        discussion: """
            A list has 131072 places. Each credential gets one at random when it is issued; whoever reads the list learns \
            nothing from a place but its bit. A revocation stays, a suspension can be lifted.

              cairn credential status new list.json --purpose revocation
              cairn credential status assign list.json \\
                --address https://records.example.gov/status/1
              cairn credential status set list.json 94567
              cairn credential status publish list.json \\
                --address https://records.example.gov/status/1 \\
                --issuer did:web:records.example.gov --key issuer.key --out status-1.json
              cairn credential status show status-1.json
            """,
        subcommands: [New.self, Assign.self, Set.self, Publish.self, Show.self])

    static func load(_ path: String) throws -> StatusList {
        do { return try StatusList(CredentialFiles.json(path)) } catch let error as CredentialError { throw error.problem(path) }
    }

    static func save(_ list: StatusList, to path: String) throws { try CredentialFiles.write(CredentialFiles.pretty(list.json), to: path) }

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin a list: our own file, to be kept.")
        @Argument(help: "The list's file, which must not exist.") var list: String
        @Option(help: "revocation or suspension.") var purpose = StatusPurpose.revocation

        func run() throws {
            guard !FileManager.default.fileExists(atPath: list) else { throw CommandProblem("\(list) exists already.") }
            try CredentialStatusCommand.save(StatusList(purpose), to: list)
        }
    }

    struct Assign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a free place at random, and print the credentialStatus to put into a credential.")
        @Argument(help: "The list's file.") var list: String
        @Option(help: "Where the list credential will lie.") var address: String

        func run() throws {
            var status = try CredentialStatusCommand.load(list)
            var generator = SystemRandomNumberGenerator()
            guard let index = status.assign(using: &generator) else {
                throw CommandProblem("Half of the places of \(list) are taken.", next: "cairn credential status new")
            }
            try CredentialStatusCommand.save(status, to: list)
            try CredentialFiles.write(CredentialFiles.pretty(StatusEntry(status.purpose, index: index, list: address).json), to: nil)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke or suspend what has this place.")
        @Argument(help: "The list's file.") var list: String
        @Argument(help: "The place: statusListIndex.") var index: Int
        @Flag(help: "Lift a suspension.") var clear = false

        func run() throws {
            var status = try CredentialStatusCommand.load(list)
            do { try status.set(index, to: !clear) } catch { throw error.problem(list) }
            try CredentialStatusCommand.save(status, to: list)
        }
    }

    struct Publish: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sign the list credential that goes to its address.")
        @Argument(help: "The list's file.") var list: String
        @Option(help: "Where it will lie.") var address: String
        @Option(help: "The issuer's id.") var issuer: String
        @Option(help: "The secret key's file, of kind ed25519.") var key: String
        @Option(help: "The address of the key. Left out: made of the issuer and the key.") var method: String?
        @Option(help: "How long readers may keep it, in seconds.") var ttl: Int?
        @Option(help: "Where to. Left out: standard output.") var out: String?

        func run() throws {
            let status = try CredentialStatusCommand.load(list), signer = try CredentialFiles.key(key)
            let now = Timestamp(microseconds: Timestamp.now.microseconds / 1_000_000 * 1_000_000)
            let options = ProofOptions(
                .eddsaRDFC, verificationMethod: method ?? "\(issuer)#\(signer.publicKey.multikey)", created: now)
            do {
                let credential = status.credential(id: address, issuer: issuer, validFrom: now, ttlSeconds: ttl)
                try CredentialFiles.write(CredentialFiles.pretty(.object(try DataIntegrity.add(options, to: credential, with: signer))), to: out)
            } catch let error as CredentialError { throw error.problem(list) }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what a list credential says; its proof is not checked.")
        @Argument(help: "The list credential, or - for standard input.") var file: String
        @Flag(help: "Print JSON: purpose, places, set.") var json = false

        func run() throws {
            do {
                let subject = try Verifier.readable(CredentialFile.open(CredentialFiles.read(file)).text).credential["credentialSubject"]
                guard let encoded = subject?["encodedList"]?.text else { throw CommandProblem("\(file) is no status list credential.") }
                let bits = try BitString(encoded: encoded), purpose = subject?["statusPurpose"] ?? .null
                let set = bits.setIndexes
                if json {
                    let object: JSONValue = ["purpose": purpose, "places": .number(JSONNumber(Int64(bits.bits))), "set": .array(set.map { .number(JSONNumber(Int64($0))) })]
                    Terminal.say(String(decoding: object.serialized(), as: UTF8.self))
                } else {
                    Terminal.say("\(Terminal.printable(purpose.text ?? "several purposes")), \(bits.bits) places, \(set.count) set")
                    if !set.isEmpty { Terminal.say(set.prefix(100).map(String.init).joined(separator: " ") + (set.count > 100 ? " …" : "")) }
                }
            } catch let error as CredentialError { throw error.problem(file) }
        }
    }
}
