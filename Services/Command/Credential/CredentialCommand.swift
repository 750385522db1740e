import ArgumentParser

struct CredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Issue, check, bake and revoke verifiable credentials, on files alone.",
        discussion: """
            Open Badges 3.0, CLR 2.0 and other W3C credentials. Nothing here needs a deployment or a network: what a check \
            needs to know (an issuer's keys, a status list) is given to it as a file, or asked for by verify --fetch.

            From nothing to a badge that others can check:

              cairn credential keygen --issuer did:web:records.example.gov \\
                --document did.json --out issuer.key
              cairn credential issue badge.json --key issuer.key \\
                --document did.json --out signed.json
              cairn credential verify signed.json --issuer did.json
              cairn credential bake signed.json --image badge.png --out baked.png
              cairn credential verify baked.png --issuer did.json

            did.json is what has to be served at https://records.example.gov/.well-known/did.json. Files are told apart by \
            their content; - is standard input. docs/credentials.md has the checks, the limits and the JSON of each verb.
            """,
        subcommands: [
            CredentialKeygen.self, CredentialIssue.self, CredentialVerify.self, CredentialBake.self, CredentialExtract.self,
            CredentialInspect.self, CredentialStatusCommand.self,
        ])
}
