import CLinux
import Foundation
import Synchronization

/// A process that this one started.
final class ChildProcess: Sendable {
    let pid: pid_t
    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }
    private let state = Mutex(State())

    private init(pid: pid_t) { self.pid = pid }

    /// - Parameters:
    ///   - log: where both outputs go, appended; nil leaves them where ours go.
    ///   - ownGroup: keeps a terminal's Ctrl-C from it, so that we decide who stops first.
    static func spawn(
        _ program: String, _ arguments: [String], environment: [String: String], log: String? = nil, ownGroup: Bool = true
    ) throws -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if let log {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        cairn_spawn_close_others(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What we ignore or block while supervising must not be inherited.
        var every = sigset_t(), none = sigset_t()
        sigfillset(&every)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &every)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (ownGroup ? POSIX_SPAWN_SETPGROUP : 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid = pid_t()
        let failure = posix_spawn(&pid, program, &actions, &attributes, words, variables)
        guard failure == 0 else {
            throw CommandProblem("\(program) cannot be started: \(String(cString: strerror(failure)))")
        }
        let child = ChildProcess(pid: pid)
        Thread.detachNewThread { child.reap() }
        return child
    }

    var isRunning: Bool { state.withLock { $0.status == nil } }

    /// Its exit status, or 128 and the number of the signal that ended it.
    func exit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status: Int32? = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Nothing once it was reaped: its number may be somebody else's by then.
    func signal(_ number: Int32) {
        state.withLock { if $0.status == nil { kill(pid, number) } }
    }

    /// SIGTERM, and SIGKILL after `limit`. - Returns: whether it stopped by itself.
    func stop(within limit: Duration) async -> Bool {
        signal(SIGTERM)
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = await self.exit()
                return true
            }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return true }
                self.signal(SIGKILL)
                return false
            }
            let isClean = await group.next() ?? false
            group.cancelAll()
            return isClean
        }
    }

    private func reap() {
        // The process stays a zombie until its number is ours to forget, so that `signal` cannot hit another one.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let (status, waiting) = state.withLock { state in
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) != pid, errno == EINTR {}
            let status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
            state.status = status
            defer { state.waiting = [] }
            return (status, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }
}

/// SIGINT, SIGTERM and SIGHUP as they come, instead of what they do otherwise.
enum StopSignals {
    static func stream() -> AsyncStream<Int32> {
        AsyncStream { continuation in
            let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
                Glibc.signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return Source(source)
            }
            continuation.onTermination = { _ in for source in sources { source.cancel() } }
        }
    }

    private final class Source: Sendable {
        private let source: Mutex<(any DispatchSourceSignal)?>
        init(_ source: sending any DispatchSourceSignal) { self.source = Mutex(source) }
        func cancel() { source.withLock { $0?.cancel() } }
    }
}
