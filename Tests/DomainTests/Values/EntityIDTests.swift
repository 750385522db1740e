import Domain
import Foundation
import Testing

private enum Sample {}
private typealias SampleID = EntityID<Sample>

@Suite struct EntityIDTests {
    @Test func `an id is written in lower case and read in either`() {
        let text = "0192f0c1-2b3c-7def-8abc-0123456789ab"
        #expect(SampleID(text.uppercased())?.description == text)
        #expect(SampleID(text)?.uuid.bytes.first == 0x01)
    }

    @Test func `a text with any one character changed to something foreign is no id`() {
        let text = Array("0192f0c1-2b3c-7def-8abc-0123456789ab")
        var accepted: [String] = []
        for place in text.indices {
            for foreign in ["g", " ", "+", "-", "０", "é", "\u{0}", ""] where foreign != String(text[place]) {
                let changed = String(text[..<place]) + foreign + String(text[(place + 1)...])
                if SampleID(changed) != nil { accepted.append(changed) }
            }
        }
        for other in ["", "{" + String(text) + "}", "urn:uuid:" + String(text), String(text.filter { $0 != "-" })]
        where SampleID(other) != nil { accepted.append(other) }
        #expect(accepted == [])
    }

    @Test func `a new id is a UUIDv7 that carries its millisecond`() throws {
        let time = try #require(Timestamp("2026-11-21T21:35:00.123Z"))
        var wrong = 0
        for _ in 0..<1000 {
            let bytes = UUID.version7(at: time).bytes
            let milliseconds = bytes.prefix(6).reduce(0) { $0 << 8 | Int64($1) }
            if bytes[6] >> 4 != 7 || bytes[8] >> 6 != 2 || milliseconds != time.microseconds / 1000 { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test func `later ids come later and no two are equal`() {
        let ids = (0..<2000).map { Timestamp(microseconds: Int64($0) * 1000) }.map { SampleID(.version7(at: $0)) }
        #expect(ids == ids.sorted())
        #expect(Set((0..<10_000).map { _ in SampleID.make() }).count == 10_000)
    }

    @Test func `new ids fall into all partitions`() {
        #expect(Set((0..<4000).map { _ in SampleID.make().partition }).count == Partition.count)
    }

    @Test func `the same request, caller and key lead to the same id, and each of them matters`() {
        let one = SampleID.derived(from: "records.create", caller: "a", key: "k")
        let others = [
            SampleID.derived(from: "records.create", caller: "a", key: "k2"),
            SampleID.derived(from: "records.create", caller: "b", key: "k"),
            SampleID.derived(from: "records.create2", caller: "a", key: "k"),
            // Parts that would read the same one after the other.
            SampleID.derived(from: "records.createa", caller: "", key: "k"),
            SampleID.derived(from: "records.create", caller: "ak", key: ""),
            SampleID.following("records.create", "a", "k"),
            SampleID.following("records.create\u{1F}a", "k"),
        ]
        #expect(one == SampleID.derived(from: "records.create", caller: "a", key: "k"))
        #expect(Set([one] + others).count == 1 + others.count)
        #expect(one.uuid.bytes[6] >> 4 == 8 && one.uuid.bytes[8] >> 6 == 2)
    }

    @Test func `what concerns a learner shares the learner's partition`() {
        var strangers = 0
        for number in 0..<500 {
            let learner = SampleID.make()
            let derived = SampleID.derived(from: "r", caller: "c", key: "\(number)", alongside: learner.uuid)
            let following = SampleID.following("\(number)", alongside: learner.uuid)
            let free = SampleID.following("\(number)")
            if derived.partition != learner.partition || following.partition != learner.partition { strangers += 1 }
            // The owner changes the partition and nothing else.
            if following.uuid.bytes.dropLast() != free.uuid.bytes.dropLast()
                || following.uuid.bytes[15] & 0xC0 != free.uuid.bytes[15] & 0xC0 { strangers += 1 }
        }
        #expect(strangers == 0)
    }

    @Test func `a partition is the low six bits of the last byte`() {
        let all = (0...255).map { Partition(of: UUID(bytes: Array(repeating: 0, count: 15) + [UInt8($0)])).number }
        #expect(all == (0...255).map { UInt8($0 % 64) })
        #expect([-1, 64, Int.max].allSatisfy { Partition($0) == nil } && Partition.all.map(\.number) == Array(0..<64))
    }

    @Test func `ids are texts in JSON, as values and as member names`() throws {
        let id = SampleID.make()
        #expect(Wire.encode([id: 1]) == Array(#"{"\#(id)":1}"#.utf8))
        #expect(try Wire.decode([SampleID: Int].self, from: Array(#"{"\#(id)":1}"#.utf8)) == [id: 1])
        #expect(try Wire.decode([SampleID].self, from: Wire.encode([id])) == [id])
    }
}
