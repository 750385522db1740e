import ArgumentParser
import Domain
import Foundation

struct SampleLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load the sample ecosystem through the API.",
        discussion: """
            Organizations, a governing body that certifies three pathways, institutions that recognize them, assessors \
            with licenses and rubrics, two partners, and learners with enrollments and the first judgments. Everything \
            goes through the API under fixed keys: loading it again finds it all there and changes nothing.

              cairn sample load
              cairn sample load --learners 500
            """)

    static let learnersMax = 1000

    @OptionGroup var options: DeploymentOptions

    @Option(help: "How many learners, 0 to 1000.")
    var learners = 200

    @Option(help: "The folder of the sample.")
    var from: String?

    func validate() throws {
        guard (0...Self.learnersMax).contains(learners) else {
            throw ValidationError("--learners is 0 to \(Self.learnersMax)")
        }
    }

    func run() async throws {
        let deployment = try options.existing()
        let ecosystem = try Ecosystem.read(from.map { [$0] } ?? Self.usualFolders())
        let before = try SampleIndex.read(deployment)
        let began = ContinuousClock.now
        Terminal.say("Loading the sample ecosystem through \(try deployment.apiAddress())")
        let index: SampleIndex
        do {
            index = try await SampleLoader(ecosystem: ecosystem, deployment: deployment).load(learners: learners)
        } catch let problem as APIProblem where problem.code == Fault.Code.keyReused.rawValue {
            throw CommandProblem(
                "\(deployment.root) has a sample from other files than these, or of an older build: \(problem.request) differs.",
                next: "cairn up goes on with what is there; CAIRN_DIRECTORY=<another folder> ops/run begins anew")
        }
        try index.write(deployment)
        Terminal.say(before == index
            ? "Everything was here already; nothing changed (\(began.duration(to: .now).spoken))."
            : "The sample ecosystem is loaded (\(began.duration(to: .now).spoken)).")
    }

    /// Beside where we stand, or in the source tree that this program was built in.
    private static func usualFolders() -> [String] {
        var folders = ["ops/sample"]
        if var folder = try? URL(fileURLWithPath: Deployment.programFolder()) {
            for _ in 0..<4 {
                folder.deleteLastPathComponent()
                folders.append(folder.appendingPathComponent("ops/sample").path)
            }
            folders.append("\((try? Deployment.programFolder()) ?? "")/../share/cairn/sample")
        }
        return folders
    }
}
