import Synchronization

/// Tells a journey step by step: what happened, how long it took, who may see it.
final class Journal: Sendable {
    private static let width = 80

    private let began = ContinuousClock.now
    private let count = Mutex(0)

    /// Runs one step and prints how it went. An error is a failed step, and ends the journey.
    /// - Parameter seen: who may see what came of it.
    func step<Result>(
        _ what: String, seen: String, _ body: () async throws -> Result
    ) async throws -> Result {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let began = ContinuousClock.now
        do {
            let result = try await body()
            line(number, Terminal.styled("✓", .green), what, began.duration(to: .now), seen)
            return result
        } catch {
            line(number, Terminal.styled("✗", .red), what, began.duration(to: .now), seen)
            Terminal.say("       \(Terminal.styled("\(error)", .red))")
            throw JourneyFailed()
        }
    }

    func heading(_ text: String) { Terminal.say("\n\(Terminal.styled(text, .bold))") }
    func remark(_ text: String) { Terminal.say("       \(text)") }

    func end(failed: Bool) {
        let steps = count.withLock { $0 }, took = began.duration(to: .now).spoken
        Terminal.say(failed
            ? "\n\(Terminal.styled("✗ the journey ended at step \(steps)", .red)) after \(took)."
            : "\n\(Terminal.styled("✓ all \(steps) steps held", .green)), in \(took).")
    }

    private func line(_ number: Int, _ mark: String, _ what: String, _ took: Duration, _ seen: String) {
        let place = number < 10 ? " \(number)" : "\(number)"
        let time = took.spoken
        Terminal.say("  \(place) \(mark) \(Table.pad(what, Self.width)) \(String(repeating: " ", count: max(0, 9 - time.count)))\(time)")
        Terminal.say("       \(Terminal.styled("seen by \(seen)", .dim))")
    }
}

/// The step that failed has been told already.
struct JourneyFailed: Error {}

/// - Throws: with what was expected, when it is not so.
func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !holds { throw CommandProblem(otherwise()) }
}
