import Synchronization

/// A bar on a terminal, one closing line elsewhere. Drawn at most ten times a second.
final class Progress: Sendable {
    private struct State {
        var done = 0
        var drawnAt: ContinuousClock.Instant?
    }

    private let title: String
    private let total: Int
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    init(_ title: String, total: Int) {
        self.title = title
        self.total = total
    }

    func advance(by count: Int = 1) {
        let line: String? = state.withLock { state in
            state.done += count
            guard Terminal.remarksAreOnTerminal else { return nil }
            let now = ContinuousClock.now
            if let last = state.drawnAt, now - last < .milliseconds(100), state.done < total { return nil }
            state.drawnAt = now
            return bar(state.done)
        }
        if let line { Terminal.draw("\r\(line)\u{1B}[K") }
    }

    /// - Parameter remark: what came of it.
    func finish(_ remark: String = "") {
        let took = began.duration(to: .now).spoken
        if Terminal.remarksAreOnTerminal { Terminal.draw("\r\u{1B}[K") }
        Terminal.say("  \(Table.pad(title, 34)) \(Table.pad(remark, 34)) \(took)")
    }

    private func bar(_ done: Int) -> String {
        let width = 24
        let filled = total > 0 ? min(width, done * width / total) : width
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return "  \(Table.pad(title, 34)) \(bar) \(done)/\(total)  \(began.duration(to: .now).spoken)"
    }
}
