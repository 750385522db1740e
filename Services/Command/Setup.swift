import ArgumentParser

struct Setup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the folder of a deployment: keys, peers, clients, settings.",
        discussion: """
            Safe to repeat: keys are never replaced and settings that you edited stay. Nothing is sent anywhere.

              cairn setup --database-url 'postgres:///cairn?host=/run/postgresql'
              cairn setup --directory /etc/cairn --passfile /etc/cairn/pgpass \\
                          --database-url 'postgres://db.example/cairn?sslmode=verify-full'

            Each service connects as its own role: cairn_records, cairn_pathways, cairn_assessment, \
            cairn_notifications; `cairn migrate` as cairn_owner. docs/operators.md has the statements that make them.
            """)

    @OptionGroup var options: DeploymentOptions

    @Option(help: "The database as a URL without user and password.")
    var databaseURL: String?

    @Option(help: "libpq's password file with a line for each role.")
    var passfile: String?

    func validate() throws {
        guard let databaseURL else { return }
        guard databaseURL.hasPrefix("postgres://") || databaseURL.hasPrefix("postgresql://") else {
            throw ValidationError("--database-url begins with postgres://")
        }
        guard !databaseURL.contains(where: \.isWhitespace) else {
            throw ValidationError("--database-url has no blanks; escape them as %20")
        }
    }

    func run() async throws {
        let made = try DeploymentSetup(
            deployment: options.deployment, databaseURL: databaseURL, passfile: passfile).apply()
        if made.isEmpty {
            Terminal.say("\(options.deployment.root) has everything; nothing was changed.")
        } else {
            Terminal.say("\(options.deployment.root): made \(made.joined(separator: ", ")).")
            Terminal.say("Next: cairn migrate, then cairn up.")
        }
    }
}
