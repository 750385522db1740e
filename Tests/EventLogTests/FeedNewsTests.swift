@testable import EventLog
import Testing

@Suite struct FeedNewsTests {
    @Test(.timeLimit(.minutes(1)))
    func `nothing announced between looking and waiting is missed`() async {
        let news = FeedNews(), done = Shared(0)
        let announcers = 8, times = 2000
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    while true {
                        let known = news.count
                        if done.now == announcers * times { return }
                        // Far longer than the test may take: only an announcement ends it.
                        await news.wait(after: known, atMost: .seconds(3600))
                    }
                }
            }
            for _ in 0..<announcers {
                group.addTask {
                    for _ in 0..<times {
                        done.next()
                        news.announce()
                    }
                }
            }
        }
        #expect(news.count == UInt64(announcers * times))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a wait ends when its time is up, however short that is`() async {
        let news = FeedNews()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    for round in 0..<500 { await news.wait(after: news.count, atMost: .nanoseconds(round % 3 * 500)) }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `cancellation ends a wait`() async {
        let news = FeedNews()
        for _ in 0..<500 {
            let waiting = Task { await news.wait(after: news.count, atMost: .seconds(3600)) }
            if Bool.random() { await Task.yield() }
            waiting.cancel()
            await waiting.value
        }
    }
}
