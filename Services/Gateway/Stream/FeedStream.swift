import Domain
import ServiceLifecycle

/// A subscription's feed as server-sent events: each event's `id` is its `sequence`, so that a client that lost the
/// connection goes on by `Last-Event-ID`. It is made of the same reads as `…/events`, so consent is decided for every
/// batch anew. A reader that is slow pulls slowly; nothing piles up here.
///
/// Ends after ten minutes at most (clients reconnect by themselves), when the token has expired, when the client is
/// revoked, when the service fails, or when the gateway shuts down.
struct FeedStream: AsyncSequence, Sendable {
    static let heartbeat: Duration = .seconds(15)
    static let lifetime: Duration = .seconds(600)
    static let batch = 100

    /// One read after a sequence; nil ends the stream.
    let read: @Sendable (_ after: String, _ waitSeconds: Int) async -> FeedPage?
    let first: FeedPage
    let ends: ContinuousClock.Instant
    let goesOn: @Sendable () -> Bool
    /// Held as long as the stream is.
    let place: Concurrency.Place

    func makeAsyncIterator() -> Iterator { Iterator(stream: self, after: first.next) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: FeedStream
        fileprivate var after: String
        private var hasBegun = false

        fileprivate init(stream: FeedStream, after: String) {
            self.stream = stream
            self.after = after
        }

        mutating func next() async -> [UInt8]? {
            guard hasBegun else {
                hasBegun = true
                guard .now < stream.first.expires else { return nil }
                return Array("retry: 2000\n\n".utf8) + stream.first.serverSentEvents
            }
            let remaining = stream.ends - .now
            guard remaining > .zero, stream.goesOn(), !Task.isCancelled, !Task.isShuttingDownGracefully else {
                return nil
            }
            let wait = Swift.min(remaining, FeedStream.heartbeat)
            guard let page = await stream.read(after, Swift.max(1, Int(wait.components.seconds))), .now < page.expires
            else { return nil }
            after = page.next
            return page.events.isEmpty ? Array(": heartbeat\n\n".utf8) : page.serverSentEvents
        }
    }
}

/// The reply of `ReadFeed` with its events as they were written.
struct FeedPage: Sendable, Hashable {
    var events: [JSONValue]
    var next: String
    /// It leaves before this, or not at all.
    var expires: ContinuousClock.Instant

    /// Nil when the bytes are not a reply of `ReadFeed`.
    init?(_ bytes: [UInt8], expires: ContinuousClock.Instant) {
        self.expires = expires
        guard let value = try? JSONValue.parse(bytes), let events = value["events"]?.array,
              let next = value["next"]?.text else { return nil }
        self.events = events
        self.next = next
    }

    var serverSentEvents: [UInt8] {
        var bytes: [UInt8] = []
        for event in events {
            if let sequence = event["sequence"]?.text, sequence.utf8.allSatisfy({ (48...57).contains($0) }) {
                bytes += Array("id: \(sequence)\n".utf8)
            }
            bytes += Array("data: ".utf8) + event.serialized() + [10, 10]
        }
        return bytes
    }
}
