import ArgumentParser

struct ClientRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a client for good; its tokens stop working within a second or two.")

    @OptionGroup var options: DeploymentOptions

    @Argument(help: "The client.")
    var id: String

    func run() async throws {
        try ClientFile(deployment: options.existing()).revoke(id)
        Terminal.say("\(id) is revoked. Its id is not used again.")
    }
}
