import Domain
import Foundation
import Testing

private struct LampLit: Event, Equatable {
    static let type: EventType = "records.lamp_lit"
    var color: String
    var path: String?
}

@Suite struct WireTests {
    @Test func `a wire value has sorted keys, plain slashes and no nulls`() {
        #expect(String(decoding: Wire.encode(LampLit(color: "a/b")), as: UTF8.self) == #"{"color":"a/b"}"#)
    }

    @Test func `an envelope gives back its event and knows its source`() throws {
        let event = LampLit(color: "red", path: "x")
        let envelope = EventEnvelope(
            id: .version7(), type: LampLit.type, version: LampLit.version, partition: Partition.all[3], position: 1,
            stream: .version7(), streamVersion: 1, learner: nil, effectiveAt: .now, recordedAt: .now, actor: "a",
            authority: "b", causedBy: nil, correlation: nil, traceparent: "", payload: Wire.encode(event))
        #expect(try envelope.decode(LampLit.self) == event)
        #expect(envelope.source == "records" && RequestName("records.a.b").service == "records")
    }

    @Test func `a fault travels with a code that this build does not know`() throws {
        let fault = Fault(Fault.Code(rawValue: "teapot"), "Use a kettle.", violations: [.init("/a", "b.c", "d")])
        #expect(try Wire.decode(Fault.self, from: Wire.encode(fault)) == fault)
        #expect(fault.retry == .never && Fault(.unavailable, "").retry == .withSameKey)
    }

    @Test func `a fault carries fifty violations and no more`() {
        let many = (0..<80).map { Fault.Violation("/\($0)", "r", "m") }
        #expect(Fault(.invalid, "", violations: many).violations == Array(many.prefix(50)))
    }
}
