/// W3C Trace Context: `00-<32 hex trace id>-<16 hex parent id>-<2 hex flags>`. It goes through HTTP headers, frames
/// and events, so that one learner's journey can be followed through every log.
package struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    package let traceID: String
    package let spanID: String
    package let sampled: Bool

    private init(traceID: String, spanID: String, sampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.sampled = sampled
    }

    /// Nil unless the text is a valid version-00 `traceparent` (or a later version that begins like one).
    package init?(_ traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
              parts[1].utf8.count == 32, parts[2].utf8.count == 16, parts[3].utf8.count == 2,
              parts.prefix(4).allSatisfy({ $0.utf8.allSatisfy(Self.isHex) }),
              parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        self.init(traceID: String(parts[1]), spanID: String(parts[2]),
                  sampled: (UInt8(parts[3], radix: 16) ?? 0) & 1 == 1)
    }

    package static func start() -> TraceContext {
        TraceContext(traceID: hex(16), spanID: hex(8), sampled: true)
    }

    /// The same trace, a new span.
    package func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.hex(8), sampled: sampled)
    }

    package var description: String { "00-\(traceID)-\(spanID)-\(sampled ? "01" : "00")" }

    private static func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte) }

    private static func hex(_ bytes: Int) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var random = SystemRandomNumberGenerator(), text: [UInt8] = []
        while text.count < bytes * 2 {
            // Sixteen digits of one number, since each one asked for is a call of the kernel.
            let bits = random.next()
            for place in 0..<16 { text.append(digits[Int(bits >> (place * 4) & 15)]) }
        }
        // No all-zero id.
        if text[0] == digits[0] { text[0] = digits[1] }
        return String(decoding: text, as: UTF8.self)
    }
}
