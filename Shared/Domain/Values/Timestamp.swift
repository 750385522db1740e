import Foundation

/// A point in time to the microsecond, as PostgreSQL keeps it. On wires: RFC 3339 in UTC, `2026-11-21T21:35:00.123456Z`
/// (fraction left out when zero; any offset is accepted on input).
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(microseconds: microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    package func duration(since earlier: Timestamp) -> Duration {
        .microseconds(microseconds - earlier.microseconds)
    }

    package static func < (one: Self, other: Self) -> Bool { one.microseconds < other.microseconds }

    /// The date in UTC. The date in the state's own zone comes from `StateZone`.
    package var utcDate: CalendarDate {
        CalendarDate(daysSince1970: Int(microseconds.floorDivided(by: 86_400_000_000)))
    }

    package var description: String {
        let day = utcDate
        let (seconds, fraction) = (microseconds - Int64(day.daysSince1970) * 86_400_000_000)
            .quotientAndRemainder(dividingBy: 1_000_000)
        return DigitWriter.text { writer in
            day.write(to: &writer)
            writer.add("T")
            writer.add(Int(seconds) / 3600, width: 2)
            writer.add(":")
            writer.add(Int(seconds) / 60 % 60, width: 2)
            writer.add(":")
            writer.add(Int(seconds) % 60, width: 2)
            if fraction != 0 {
                writer.add(".")
                writer.add(Int(fraction), width: 6)
                writer.dropZeros()
            }
            writer.add("Z")
        }
    }

    /// Reads RFC 3339 §5.6 (date-time with an offset); digits past the microsecond are cut. Years 0001–9999, in UTC
    /// too, so that what was read can be written and read again. Second 60 is refused: leap seconds are not counted.
    package init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
              let day = scanner.number(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
              let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2), scanner.skip(":"),
              let second = scanner.number(2), hour < 24, minute < 60, second < 60,
              let date = CalendarDate(year: year, month: month, day: day)
        else { return nil }
        var fraction = 0
        if scanner.skip(".") {
            guard let read = scanner.fraction(6) else { return nil }
            fraction = read
        }
        var offset = 0
        if !(scanner.skip("Z") || scanner.skip("z")) {
            let sign = scanner.skip("+") ? 1 : scanner.skip("-") ? -1 : 0
            guard sign != 0, let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2),
                  hours < 24, minutes < 60 else { return nil }
            offset = sign * (hours * 60 + minutes)
        }
        guard scanner.isAtEnd else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + (minute - offset) * 60 + second
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
        guard (1...9999).contains(utcDate.parts.year) else { return nil }
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "must be an RFC 3339 date-time with an offset")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A day of the proleptic Gregorian calendar without a zone: `2026-11-21`.
package struct CalendarDate: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let daysSince1970: Int

    package init(daysSince1970: Int) { self.daysSince1970 = daysSince1970 }

    /// Nil for a day that does not exist. Years 1–9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
              day <= Self.length(ofMonth: month, year: year) else { return nil }
        // Days from civil: shift the year to begin in March, so that the leap day comes last.
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400, ofEra = shifted % 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        daysSince1970 = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    package init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
              let day = scanner.number(2), scanner.isAtEnd else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var parts: (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.floorDivided(by: 146_097), ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * ofYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * marchMonth + 2) / 5 + 1)
    }

    /// Full years between this day and a later one; a birthday on February 29 is kept on March 1 in common years.
    package func fullYears(until other: CalendarDate) -> Int {
        let from = parts, to = other.parts
        return to.year - from.year - ((to.month, to.day) < (from.month, from.day) ? 1 : 0)
    }

    package static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package var description: String { DigitWriter.text { write(to: &$0) } }

    fileprivate func write(to writer: inout DigitWriter) {
        let (year, month, day) = parts
        writer.add(year, width: 4)
        writer.add("-")
        writer.add(month, width: 2)
        writer.add("-")
        writer.add(day, width: 2)
    }

    package static func < (one: Self, other: Self) -> Bool { one.daysSince1970 < other.daysSince1970 }
}

extension CalendarDate: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "must be a date YYYY-MM-DD")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The state's own zone, in which a date begins and ends (eligibility at 18, terms of licenses).
package struct StateZone: Sendable {
    private let zone: TimeZone

    /// Nil for a name that is not in the zone database, like `America/Boise`.
    package init?(identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.zone = zone
    }

    package func date(at time: Timestamp) -> CalendarDate {
        let seconds = TimeInterval(time.microseconds.floorDivided(by: 1_000_000))
        let offset = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds)))
        return Timestamp(microseconds: time.microseconds + offset * 1_000_000).utcDate
    }
}

extension FixedWidthInteger {
    fileprivate func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// Reads fixed-width ASCII digits and single characters.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { at == bytes.count }

    /// Of the byte at that place, if it is one.
    private func digit(_ place: Int) -> Int? {
        guard place < bytes.count, bytes[place] >= 48, bytes[place] <= 57 else { return nil }
        return Int(bytes[place]) - 48
    }

    mutating func number(_ width: Int) -> Int? {
        var value = 0
        for place in at..<at + width {
            guard let digit = digit(place) else { return nil }
            value = value * 10 + digit
        }
        at += width
        return value
    }

    mutating func fraction(_ width: Int) -> Int? {
        var value = 0, count = 0
        while let digit = digit(at) {
            if count < width { value = value * 10 + digit }
            count += 1
            at += 1
        }
        guard count > 0, count <= 18 else { return nil }
        while count < width {
            value *= 10
            count += 1
        }
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }
}

/// Writes what `DigitScanner` reads, into the text itself: times stand in every state, event and proof.
private struct DigitWriter {
    /// A time of year 292 277, with a sign and microseconds, has 29.
    private static let capacity = 32

    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    static func text(_ write: (inout DigitWriter) -> Void) -> String {
        String(unsafeUninitializedCapacity: capacity) { buffer in
            var writer = DigitWriter(buffer: buffer)
            write(&writer)
            return writer.count
        }
    }

    private init(buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func add(_ sign: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: sign)
        count += 1
    }

    /// With zeros in front up to the width, wider where the number is.
    mutating func add(_ number: Int, width: Int) {
        if number < 0 { add("-") }
        var rest = number.magnitude, digits = width, limit: UInt = 1
        for _ in 0..<width { limit *= 10 }
        while rest >= limit {
            digits += 1
            limit *= 10
        }
        for place in (count..<count + digits).reversed() {
            buffer[place] = 48 + UInt8(rest % 10)
            rest /= 10
        }
        count += digits
    }

    mutating func dropZeros() { while buffer[count - 1] == 48 { count -= 1 } }
}
