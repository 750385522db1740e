import ArgumentParser

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print an access token of a client, and nothing else.",
        discussion: """
            It holds for ten minutes.

              curl --header "Authorization: Bearer $(cairn token --client operator)" \\
                http://127.0.0.1:8080/v1/organizations/0c000000-0000-4000-8000-000000000001
            """)

    @OptionGroup var options: DeploymentOptions

    @Option(help: "The client, as `cairn client list` names it.")
    var client: String

    @Option(help: "A file with the client's secret, if it was not saved by `cairn client add --save`.")
    var secretFile: String?

    func run() async throws {
        let client = try ClientFile(deployment: options.existing()).connect(client, secretFile: secretFile)
        Terminal.say(try await client.token())
    }
}
