import Glibc
import Synchronization

/// Puts whole lines on a descriptor, one `write(2)` each. The lock lasts as long as that call: a pipe keeps only 4 KiB
/// in one piece, and lines are up to 8 KiB. A reader that stops reading stops us too when the descriptor blocks; when
/// it does not block, a line is given up after 100 ms and counted.
package final class LineWriter: Sendable {
    package static let standardError = LineWriter(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    /// Whether the last line was cut, so that the next must start on a line of its own.
    private let torn = Mutex(false)
    private let lost = Atomic<Int>(0)

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Lines that could not be written whole.
    package var lostLines: Int { lost.load(ordering: .relaxed) }

    /// - Parameter line: with its line end.
    package func write(_ line: [UInt8]) {
        torn.withLock { torn in
            let whole = put(torn ? [UInt8(ascii: "\n")] + line : line)
            torn = !whole
            if !whole { lost.add(1, ordering: .relaxed) }
        }
    }

    private func put(_ bytes: [UInt8]) -> Bool {
        var written = 0
        var waited = false
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN, !waited {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 100)
                waited = true
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
