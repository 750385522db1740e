import Glibc

/// A point on this host's monotonic clock, in nanoseconds. Cheap enough to read per message, and a plain value
/// so that the state machines can be driven by a test's own clock.
struct Moment: Comparable, Hashable, Sendable {
    var nanoseconds: Int64

    /// Later than anything that will ever be due.
    static let never = Moment(nanoseconds: .max)

    static func now() -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    func adding(milliseconds: Int64) -> Moment {
        Moment(nanoseconds: nanoseconds &+ milliseconds &* 1_000_000)
    }

    /// `duration` later; a negative duration counts as none and one above a day as a day, so that a caller's
    /// arithmetic slip can neither wrap nor keep state for ever.
    func adding(_ duration: Duration) -> Moment {
        let bounded = max(.zero, min(duration, .seconds(86_400)))
        let (seconds, attoseconds) = bounded.components
        return Moment(nanoseconds: nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Whole milliseconds from `earlier` until this moment, rounded up, never negative.
    func milliseconds(after earlier: Moment) -> Int64 {
        self <= earlier ? 0 : (nanoseconds - earlier.nanoseconds + 999_999) / 1_000_000
    }
}
