import Glibc

/// A process whose standard output we read line by line and whose standard input we may close to end it.
final class Child {
    private let name: String
    private let process: pid_t
    private var input: Int32
    private let output: Int32
    private var pending: [UInt8] = []
    private var isReaped = false

    /// `program` is a path, or a name to be looked up in PATH.
    init(_ program: String, _ arguments: [String]) throws {
        var toChild: [Int32] = [-1, -1], fromChild: [Int32] = [-1, -1]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Failure("no pipe") }
        // A child must not keep another's pipes open: their ends are signals.
        for descriptor in toChild + fromChild { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let status = posix_spawnp(&process, program, &actions, nil, &words, environ)
        close(toChild[0])
        close(fromChild[1])
        (input, output) = (toChild[1], fromChild[0])
        (name, self.process) = (program, process)
        guard status == 0 else {
            isReaped = true
            throw Failure("\(program): \(String(cString: strerror(status)))")
        }
    }

    deinit {
        endInput()
        close(output)
        if !isReaped {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    func endInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// The next line, without its end; nil when the process has closed its output.
    func line() throws -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            guard pending.count < 1 << 16 else { throw Failure("\(name) wrote a line without end") }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            pending += chunk[..<count]
        }
    }

    /// Waits for its end.
    func finish() throws {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        guard status == 0 else { throw Failure("\(name) failed (wait status \(status))") }
    }
}
