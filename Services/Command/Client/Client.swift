import ArgumentParser

struct Client: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Clients of the API: programs that may get tokens, and what these say.",
        subcommands: [ClientAdd.self, ClientList.self, ClientRevoke.self])
}
