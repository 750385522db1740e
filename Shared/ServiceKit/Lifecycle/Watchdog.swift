import Dispatch
import Glibc
import Synchronization

/// Ends the process when a shutdown does not end. It has a thread of its own to fire on, since what hangs may well be
/// every thread that tasks run on.
final class Watchdog: Sendable {
    private let disarmed = Atomic(false)
    private let fire: @Sendable () -> Void

    init(fire: @escaping @Sendable () -> Void = Watchdog.endProcess) {
        self.fire = fire
    }

    func arm(after limit: Duration) {
        let queue = DispatchQueue(label: "cairn.watchdog")
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(limit / .milliseconds(1)))) { [self] in
            if !disarmed.load(ordering: .acquiring) { fire() }
        }
    }

    func disarm() {
        disarmed.store(true, ordering: .releasing)
    }

    /// Without LineWriter: a stuck writer may be what we wait for. Without `exit`: its handlers may hang as well.
    static let endProcess: @Sendable () -> Void = {
        let text: StaticString = "the shutdown did not end in time; the process ends without it\n"
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        _exit(ExitPath.stuckStatus)
    }
}
