import ArgumentParser
import Credentials
import Domain
import Foundation

enum ProofForm: String, CaseIterable, ExpressibleByArgument {
    case rdfc = "eddsa-rdfc-2022"
    case jcs = "eddsa-jcs-2022"
    case jwt
}

struct CredentialIssue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Check an unsigned credential and put a proof on it.",
        discussion: """
            The file is the credential without its proof, as JSON. It must be what a verifier would take: contexts in their \
            order, required members, no dangling ids. Proofs already on it stay, so that several keys can sign one after the other.

            A key of kind ed25519 makes an embedded proof (eddsa-rdfc-2022, the one Open Badges certifies); p256 and rsa make a JWT.

            The least a badge needs:

              {"@context": ["https://www.w3.org/ns/credentials/v2",
                            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
               "id": "urn:uuid:…", "name": "…",
               "type": ["VerifiableCredential", "OpenBadgeCredential"],
               "issuer": {"id": "did:web:records.example.gov", "type": ["Profile"]},
               "validFrom": "2026-01-15T00:00:00Z",
               "credentialSubject": {"id": "urn:uuid:…", "type": ["AchievementSubject"],
                 "achievement": {"id": "https://…", "type": ["Achievement"],
                                 "name": "…", "description": "…",
                                 "criteria": {"narrative": "…"}}}}
            """)

    @Argument(help: "The credential, or - for standard input.") var file: String
    @Option(help: "The secret key's file.") var key: String
    @Option(help: "eddsa-rdfc-2022, eddsa-jcs-2022 or jwt. Left out: what the key can do.") var proof: ProofForm?
    @Option(help: "The address of the key. Left out: found in --document, or made of the issuer and the key.") var method: String?
    @Option(help: "The issuer's document, to find the key's address in.") var document: String?
    @Option(help: "When the proof is made. Left out: now.") var created: String?
    @Option(help: "Where to. Left out: standard output.") var out: String?

    func run() throws {
        guard let credential = try CredentialFiles.json(file).object else { throw CommandProblem("\(file) is no JSON object.") }
        let signer = try CredentialFiles.key(key)
        let form = proof ?? (signer.kind == .ed25519 ? .rdfc : .jwt)
        do {
            let checked = try credential.checkedToIssue()
            _ = try Canonical.rdf(checked)
            let address = try address(of: signer, for: checked)
            switch form {
            case .jwt:
                try CredentialFiles.write(Array((try CredentialJWT.issue(checked, with: signer, keyID: address) + "\n").utf8), to: out)
            case .rdfc, .jcs:
                let options = ProofOptions(
                    form == .rdfc ? .eddsaRDFC : .eddsaJCS, verificationMethod: address, created: try time())
                try CredentialFiles.write(CredentialFiles.pretty(.object(try DataIntegrity.add(options, to: checked, with: signer))), to: out)
            }
            if let out { Terminal.remark("Issued \(out) with \(Terminal.printable(address)).") }
        } catch let error as CredentialError { throw error.problem(file) }
    }

    private func time() throws -> Timestamp {
        guard let created else { return Timestamp(microseconds: Timestamp.now.microseconds / 1_000_000 * 1_000_000) }
        guard let time = Timestamp(created) else { throw CommandProblem("--created must be a date and time with an offset.") }
        return time
    }

    private func address(of signer: SigningKey, for credential: JSONObject) throws -> String {
        if let method { return method }
        let issuer = credential.issuerID ?? ""
        if let document {
            let listed = try CredentialFiles.document(document)
            guard listed.id == issuer else { throw CommandProblem("\(document) is the document of \(Terminal.printable(listed.id)), and the credential's issuer is \(Terminal.printable(issuer)).") }
            guard let method = listed.methods.first(where: { $0.key == signer.publicKey && listed.asserting.contains($0.id) }) else {
                throw CommandProblem("\(document) does not list this key for signing credentials.", next: "cairn credential keygen --document \(document)")
            }
            return method.id
        }
        return "\(issuer)#\(signer.publicKey.multikey)"
    }
}
