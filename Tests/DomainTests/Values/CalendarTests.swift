import Domain
import Foundation
import Testing

@Suite struct CalendarTests {
    @Test func `every day of eight centuries is the day after the one before`() {
        var expected = (year: 1600, month: 1, day: 1)
        var wrong: [String] = []
        let first = CalendarDate(year: 1600, month: 1, day: 1)?.daysSince1970 ?? 0
        for days in first..<(first + 2 * 146_097) {
            let date = CalendarDate(daysSince1970: days)
            let same = CalendarDate(year: expected.year, month: expected.month, day: expected.day)
            if date.parts != expected || same != date { wrong.append("\(days): \(date)") }
            expected.day += 1
            if expected.day > Self.days(in: expected.month, of: expected.year) { expected.day = 1; expected.month += 1 }
            if expected.month == 13 { expected.month = 1; expected.year += 1 }
        }
        #expect(wrong.prefix(5) == [])
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    @Test func `the first and last day of every month of the years 1 to 9999 survive their text`() {
        var wrong: [String] = []
        for year in 1...9999 {
            for month in 1...12 {
                for day in [1, Self.days(in: month, of: year)] {
                    let date = CalendarDate(year: year, month: month, day: day)
                    let again = date.flatMap { CalendarDate($0.description) }
                    if date == nil || again != date { wrong.append("\(year)-\(month)-\(day)") }
                }
                if CalendarDate(year: year, month: month, day: Self.days(in: month, of: year) + 1) != nil {
                    wrong.append("after \(year)-\(month)")
                }
            }
        }
        #expect(wrong.prefix(5) == [])
    }

    @Test(arguments: [
        "1900-02-29", "2100-02-29", "2023-02-29", "2026-00-10", "2026-13-01", "2026-04-31", "2026-01-00", "0000-01-01",
        "10000-01-01", "2026-1-01", "2026-01-1", "2026-01-01 ", "+026-01-01", "2026/01/01", "", "２０２６-01-01",
    ])
    func `a day that does not exist is refused`(_ text: String) { #expect(CalendarDate(text) == nil) }

    @Test func `a birthday on February 29 is kept on March 1 in common years`() throws {
        let born = try #require(CalendarDate("2008-02-29"))
        let ages = ["2026-02-28", "2026-03-01", "2024-02-28", "2024-02-29", "2008-02-29"]
            .map { CalendarDate($0).map(born.fullYears(until:)) }
        #expect(ages == [17, 18, 15, 16, 0])
    }

    @Test(arguments: [
        ("2026-11-21T06:59:59.999999Z", "2026-11-20"), ("2026-11-21T07:00:00Z", "2026-11-21"),
        // Summer time begins on 2026-03-08 and ends on 2026-11-01.
        ("2026-03-08T06:59:59Z", "2026-03-07"), ("2026-03-09T05:59:59Z", "2026-03-08"),
        ("2026-03-09T06:00:00Z", "2026-03-09"), ("2026-11-01T06:00:00Z", "2026-11-01"),
        ("2026-11-02T06:59:59Z", "2026-11-01"), ("1969-12-31T23:59:59.999999Z", "1969-12-31"),
    ])
    func `a date begins and ends in the state's own zone`(_ time: String, _ date: String) throws {
        let zone = try #require(StateZone(identifier: "America/Boise"))
        #expect(Timestamp(time).map(zone.date(at:))?.description == date)
    }

    @Test func `an unknown zone is no zone`() { #expect(StateZone(identifier: "America/Nowhere") == nil) }
}
