import Domain
@testable import EventLog
import Foundation
import Support
import Testing

@Suite struct SweeperTests {
    @Test(.timeLimit(.minutes(1)))
    func `answers and inbox rows go after ninety days, and no earlier, on whatever page they stand`() async throws {
        try await withReplica { _, replica in
            // Some 60 rows a page.
            try await replica.execute(
                """
                INSERT INTO idempotency (partition, stream, caller, key, digest, command, version, answer, at)
                SELECT 1, gen_random_uuid(), 'caller', n::text, '\\x00', gen_random_uuid(), 1, '\\x00',
                       now() - make_interval(days => n % 180, mins => 1)
                  FROM generate_series(0, 1799) n
                """,
                """
                INSERT INTO inbox (consumer, partition, event_id, handled_at)
                SELECT 'consumer', 1, gen_random_uuid(), now() - make_interval(days => n % 180, mins => 1)
                  FROM generate_series(0, 1799) n
                """)
            #expect(try await replica.number("SELECT pg_relation_size('idempotency') / 8192") > 6)
            let sweeper = Sweeper(pool: replica.log.pool, logger: quiet)
            #expect(try await sweeper.pass(stretchPages: 3, pause: .zero) == 1800)
            #expect(try await sweeper.pass(stretchPages: 1, pause: .zero) == 0)
            #expect(try await replica.texts("""
                SELECT count(*) || ' ' || bool_and(now() - at < interval '90 days') FROM idempotency
                UNION ALL SELECT count(*) || ' ' || bool_and(now() - handled_at < interval '90 days') FROM inbox
                """) == ["900 true", "900 true"])
        }
    }
}
