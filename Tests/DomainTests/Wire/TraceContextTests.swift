import Domain
import Testing

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736", span = "00f067aa0ba902b7"

    @Test(arguments: [("01", true), ("00", false), ("ff", true), ("02", false)])
    func `a traceparent is read with its sampling flag`(_ flags: String, _ isSampled: Bool) throws {
        let context = try #require(TraceContext("00-\(Self.trace)-\(Self.span)-\(flags)"))
        #expect([context.traceID, context.spanID] == [Self.trace, Self.span])
        #expect(context.sampled == isSampled)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-01-extra", "ff-\(trace)-\(span)-01",
        "00-\(trace.uppercased())-\(span)-01", "00-00000000000000000000000000000000-\(span)-01",
        "00-\(trace)-0000000000000000-01", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-0g", "0-\(trace)-\(span)-01",
        "00-\(trace)0-\(span)-01", "00_\(trace)_\(span)_01", " 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01\n",
    ])
    func `a malformed traceparent is ignored`(_ text: String) { #expect(TraceContext(text) == nil) }

    @Test func `a later version that begins like this one is read`() {
        #expect(TraceContext("cc-\(Self.trace)-\(Self.span)-01-what-is-next")?.traceID == Self.trace)
    }

    @Test func `a child keeps the trace and what is written is read again`() {
        for _ in 0..<200 {
            let start = TraceContext.start(), child = start.child()
            let again = TraceContext(child.description)
            guard again == child, child.traceID == start.traceID, child.spanID != start.spanID else {
                Issue.record("\(start) \(child)")
                return
            }
        }
    }
}
