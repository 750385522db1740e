import ArgumentParser

struct Sample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The sample ecosystem: a small made-up state.", subcommands: [SampleLoad.self])
}
