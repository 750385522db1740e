import ArgumentParser
import Foundation

struct JourneyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journey",
        abstract: "Walk one learner from registration to entitlement, and check every step.",
        discussion: """
            A new learner each time, over the sample ecosystem: registration, consent, enrollment, a judgment “not yet” \
            with feedback and the support that follows, “met”, the record, the completed pathway, the entitlements, what \
            the partner hears and what it does not, the withdrawal of consent, and the record of disclosures. Each step \
            is checked; the command ends with status 0 only if all of them held. The partner's endpoint is this command \
            itself, on a loopback address.

              cairn sample load
              cairn journey
              cairn journey --seed 1234
            """)

    @OptionGroup var options: DeploymentOptions

    @Option(help: "Names the learner and every key of the journey; a random one if not given.")
    var seed: UInt64?

    func run() async throws {
        let deployment = try options.existing()
        guard let sample = try SampleIndex.read(deployment), !sample.learners.isEmpty else {
            throw CommandProblem("The sample ecosystem is not loaded.", next: "cairn sample load")
        }
        let seed = seed ?? UInt64.random(in: 1...999_999_999)
        let journal = Journal()
        let journey = try Journey(deployment: deployment, sample: sample, seed: seed, journal: journal)
        Terminal.say(Terminal.styled("One learner's journey", .bold) + " (seed \(seed))")
        do {
            try await journey.prepare()
            try await journey.walk()
            await journey.cleanUp()
            journal.end(failed: false)
        } catch let error {
            await journey.cleanUp()
            if !(error is JourneyFailed) { Terminal.remark("\(error)") }
            journal.end(failed: true)
            throw ExitCode(1)
        }
    }
}
