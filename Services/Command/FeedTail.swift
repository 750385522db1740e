import ArgumentParser
import Domain
import Foundation

struct FeedTail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Show what a partner's subscription holds, and with --follow what comes.",
        discussion: """
            Reading as the partner is a disclosure like any other: it is decided by the learners' consent now, and it is \
            in their record of disclosures.

              cairn feed 0190… --client college-partner
              cairn feed 0190… --client college-partner --after 120 --follow

            Columns: sequence, time, type, the partner's own key of the learner, data.
            """)

    @OptionGroup var options: DeploymentOptions

    @Argument(help: "The subscription.")
    var subscription: String

    @Option(help: "The client that reads; it needs the role partner over the subscription's partner.")
    var client: String

    @Option(help: "Begin after this sequence.")
    var after: Int64 = 0

    @Flag(help: "Wait for more, until Ctrl-C.")
    var follow = false

    @Flag(help: "One event a line, as JSON.")
    var json = false

    func run() async throws {
        guard let id = EntityID<Subscription>(subscription) else {
            throw CommandProblem("\(subscription) is not the id of a subscription.")
        }
        let client = try ClientFile(deployment: options.existing()).connect(client)
        var reader = FeedReading(after: after)
        while true {
            let page = try await client.ask(
                ReadFeed(subscription: id, after: String(reader.last), limit: 200, waitSeconds: follow ? 20 : 0),
                "GET /v1/subscriptions/{subscription}/events")
            for event in page.events {
                if let gap = reader.take(event) { Terminal.remark("! missing: \(gap.lowerBound) to \(gap.upperBound)") }
                Terminal.say(json ? String(decoding: event.serialized(), as: UTF8.self) : Self.line(event))
            }
            if page.events.isEmpty, !follow { return }
        }
    }

    static func line(_ event: JSONValue) -> String {
        func text(_ name: String) -> String { Terminal.printable(event[name]?.text ?? "-", limit: 200) }
        let sequence = text("sequence")
        return [
            String(repeating: " ", count: max(0, 6 - sequence.count)) + sequence, Table.pad(text("time"), 27),
            Table.pad(text("type"), 38), Table.pad(String(text("subject").prefix(8)), 8),
            Terminal.printable(String(decoding: event["data"]?.serialized() ?? [], as: UTF8.self)),
        ].joined(separator: "  ")
    }
}

/// Notices what a gapless feed must never have.
struct FeedReading {
    private(set) var last: Int64

    init(after: Int64) { last = after }

    /// - Returns: the sequences that are missing before this event.
    mutating func take(_ event: JSONValue) -> ClosedRange<Int64>? {
        guard let sequence = event["sequence"]?.text.flatMap({ Int64($0) }) else { return nil }
        defer { last = max(last, sequence) }
        return sequence > last + 1 ? (last + 1)...(sequence - 1) : nil
    }
}
