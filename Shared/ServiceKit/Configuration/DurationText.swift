/// Durations as operators write them: `250ms`, `30s`, `5m`.
enum DurationText {
    private static let units: [(suffix: String, length: Duration)] = [
        ("us", .microseconds(1)), ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)),
        ("h", .seconds(3600)), ("d", .seconds(86_400)),
    ]

    /// nil unless it is an integer of at most nine digits and a unit; nine digits of days cannot overflow.
    static func read(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count), let count = Int(digits) else { return nil }
        let suffix = text.dropFirst(digits.count)
        return units.first { $0.suffix == suffix }.map { $0.length * count }
    }

    /// The largest unit that says it in whole numbers.
    static func write(_ duration: Duration) -> String {
        for unit in units.reversed() where duration >= unit.length {
            let count = Int(duration / unit.length)
            if unit.length * count == duration { return "\(count)\(unit.suffix)" }
        }
        return duration == .zero ? "0s" : "\(Int(duration / .microseconds(1)))us"
    }
}
