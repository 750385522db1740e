import ArgumentParser
import Credentials
import Domain
import Foundation

extension SigningKey.Kind: ExpressibleByArgument {}

struct CredentialKeygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key, and list it in the issuer's document.",
        discussion: """
            The secret key goes to --out with mode 0600 and is never written over. With --issuer and --document the public key \
            is listed in that DID document; keys already in it stay, so that what they signed goes on being good. Serve the \
            document at the address that is printed.

            ed25519 makes embedded proofs; p256 (ES256) and rsa (RS256) make JWTs.

              cairn credential keygen --out k.key
              cairn credential keygen --kind p256 --out jwt.key \\
                --issuer did:web:records.example.gov --document did.json
            """)

    @Option(help: "ed25519, p256 or rsa.") var kind = SigningKey.Kind.ed25519
    @Option(help: "File for the secret key.") var out: String
    @Option(help: "The issuer's did:web, or https address. Left out: the key's own did:key.") var issuer: String?
    @Option(help: "The issuer's document, made or added to.") var document: String?
    @Option(help: "Name of the key in the document. Left out: the key itself.") var name: String?
    @Flag(help: "Print JSON: issuer, verificationMethod, publicKeyMultibase, publicKeyJwk, address.") var json = false

    func run() throws {
        do {
            let key = try SigningKey.generate(kind)
            let own = DID(key: key.publicKey).description
            let issuer = issuer ?? own
            var address: String?
            if let did = DID(issuer), did.method == "web" { address = try did.webAddress() }
            let multikey = key.publicKey.multikey
            let method = VerificationMethod(
                id: "\(issuer)#\(name ?? (multikey.utf8.count > 128 ? key.publicKey.thumbprint : multikey))", controller: issuer, key: key.publicKey)
            let listed = try document.map { try Self.adding(method, to: $0, of: issuer) }
            try CredentialFiles.writeSecret(key.fileText, to: out)
            if let document, let listed { try CredentialFiles.write(CredentialFiles.pretty(listed.json), to: document) }
            report(issuer, method, address)
        } catch let error as CredentialError { throw error.problem(out) }
    }

    private static func adding(_ method: VerificationMethod, to path: String, of issuer: String) throws -> ControllerDocument {
        guard FileManager.default.fileExists(atPath: path) else { return ControllerDocument(id: issuer, methods: [method]) }
        let old = try CredentialFiles.document(path)
        guard old.id == issuer else { throw CommandProblem("\(path) is the document of \(Terminal.printable(old.id)), not of \(issuer).") }
        guard old.method(method.id) == nil else { throw CommandProblem("\(path) has a key \(method.id) already.", next: "give another --name") }
        return ControllerDocument(id: issuer, methods: old.methods + [method], asserting: old.asserting.union([method.id]))
    }

    private func report(_ issuer: String, _ method: VerificationMethod, _ address: String?) {
        guard !json else {
            var object: JSONObject = [
                "issuer": .string(issuer), "verificationMethod": .string(method.id), "publicKeyMultibase": .string(method.key.multikey),
                "publicKeyJwk": .object(method.key.jwk),
            ]
            object["address"] = address.map(JSONValue.string)
            Terminal.say(String(decoding: JSONValue.object(object).serialized(), as: UTF8.self))
            return
        }
        Terminal.say("secret key   \(out)")
        Terminal.say("issuer       \(issuer)")
        Terminal.say("key          \(method.id)")
        if let document { Terminal.say("document     \(document)" + (address.map { ", to be served at \($0)" } ?? "")) }
    }
}
