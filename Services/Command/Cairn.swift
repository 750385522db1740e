import ArgumentParser

/// The operator's command. One verb a file, noun first.
@main
struct Cairn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cairn",
        abstract: "Set up, run and look after a Cairn deployment.",
        discussion: """
            A deployment lives in one folder, .cairn unless --directory or CAIRN_DIRECTORY names another: keys, settings, \
            the clients of the API, logs. From nothing to a running deployment:

              cairn setup --database-url 'postgres:///cairn?host=/run/postgresql'
              cairn migrate
              cairn up

            and in a second terminal:

              cairn status
              cairn sample load
              cairn journey
              curl --header "Authorization: Bearer $(cairn token --client operator)" \\
                   http://127.0.0.1:8080/v1/…

            `cairn help <verb>` explains each. ops/run does all of this on a bare machine.
            """,
        subcommands: [
            Setup.self, Migrate.self, Up.self, Status.self, Client.self, Token.self, Import.self, FeedTail.self,
            Sample.self, JourneyCommand.self, PathwayCommand.self, CredentialCommand.self,
        ])
}

/// What went wrong in words, and what to do next.
struct CommandProblem: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, next: String? = nil) {
        description = next.map { "\(what)\n  next: \($0)" } ?? what
    }
}
