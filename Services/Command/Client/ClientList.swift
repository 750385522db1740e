import ArgumentParser

struct ClientList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the clients with their subjects and roles.")

    @OptionGroup var options: DeploymentOptions

    func run() async throws {
        var table = Table([("client", .left), ("subject", .left), ("roles", .left)])
        for client in try ClientFile(deployment: options.existing()).list() {
            let roles = client.grants.count > 3
                ? "\(client.grants[0].authority) and \(client.grants.count - 1) more"
                : client.grants.map(\.authority).joined(separator: " ")
            table.add([client.id, Terminal.printable(client.subject), client.isRevoked ? "revoked" : roles])
        }
        for line in table.lines { Terminal.say(line) }
    }
}
