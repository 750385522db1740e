import Domain
import Foundation
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Where two texts part, with a little around it.
private func parting(_ ours: [UInt8], _ theirs: [UInt8]) -> String {
    let place = zip(ours, theirs).prefix { $0 == $1 }.count, from = max(0, place - 40)
    return "…\(text(Array(ours[from...].prefix(80))))… is …\(text(Array(theirs[from...].prefix(80))))…"
}

@Suite struct `Wire's own coders` {
    @Test func `random values are written byte for byte as Foundation writes them`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = RandomWire(seed: seed)
        var different: [String] = []
        for _ in 0..<4000 {
            let value = random.tree()
            let (ours, theirs) = (Wire.encode(value), try FoundationCoder.encodeOrThrow(value))
            if ours != theirs { different.append(parting(ours, theirs)) }
        }
        #expect(different.prefix(3) == [], "seed \(seed)")
    }

    @Test func `random texts are read as Foundation reads them`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = RandomWire(seed: seed)
        var different: [String] = []
        for _ in 0..<1000 {
            let bytes = Wire.encode(random.tree())
            let (ours, theirs) = (try Wire.decode(JSONValue.self, from: bytes), try FoundationCoder.decode(JSONValue.self, from: bytes))
            if ours != theirs { different.append(parting(ours.canonical(), theirs.canonical())) }
        }
        #expect(different.prefix(3) == [], "seed \(seed)")
    }

    /// A byte changed, taken out or put in, or the end cut off. Foundation takes two liberties that we do not: a comma
    /// behind the last element, and beyond 2^53 a fraction cut off to make a whole number.
    @Test func `what is spoiled is refused or read as Foundation reads it`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = RandomWire(seed: seed)
        var different: [String] = [], refused = 0
        for _ in 0..<2000 {
            var bytes = Wire.encode(random.json())
            let place = Int.random(in: 0..<bytes.count, using: &random.random)
            switch Int.random(in: 0..<4, using: &random.random) {
            case 0: bytes[place] = .random(in: 0 ... .max, using: &random.random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Array("{}[],:\"\\0-+.eEtu ".utf8).randomElement(using: &random.random)!, at: place)
            default: bytes.removeSubrange(place...)
            }
            guard let ours = try? Wire.decode(JSONValue.self, from: bytes) else {
                refused += 1
                if (try? FoundationCoder.decode(JSONValue.self, from: bytes)) != nil, !text(bytes).contains(/,\s*[\]}]/) {
                    different.append("refused: \(text(bytes).prefix(200))")
                }
                continue
            }
            if let theirs = try? FoundationCoder.decode(JSONValue.self, from: bytes) {
                if theirs != ours, !text(bytes).contains(/[0-9.]{17}/) { different.append(parting(ours.canonical(), theirs.canonical())) }
            } else { different.append("accepted: \(text(bytes).prefix(200))") }
        }
        #expect(different.prefix(3) == [], "seed \(seed)")
        #expect(refused > 300, "seed \(seed)")
    }

    @Test(arguments: [
        "", " ", "[", "{", "\"", "\"\\", "\"\\u12", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "[1", "[1,", "[1,]", "{,}", "{\"a\":1,}",
        "{1:2}", "{'a':1}", "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "nul", "truefalse", "1 2", "[1}", "{\"a\":1]",
        "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "\"a\0b\"", "\0", "1\0", "\u{FEFF}1", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"", "\"\\ud800x\"", "]", "}", ",", ":", "1e400", "-1e999",
    ])
    func `what is no JSON is an error`(_ text: String) {
        #expect(throws: (any Error).self) { try Wire.decode(JSONValue.self, from: Array(text.utf8)) }
    }

    @Test func `bytes that are no UTF-8 are an error even where nobody looks`() {
        let spoiled: [[UInt8]] = [[0x80], [0xC0, 0x80], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF]]
        for bytes in spoiled {
            #expect(throws: JSONError.self) {
                try Wire.decode([String: Int].self, from: Array("{\"a\":1,\"".utf8) + bytes + Array("\":2}".utf8))
            }
            #expect(throws: JSONError.self) { try Wire.decode(Done.self, from: Array("{\"x\":\"".utf8) + bytes + Array("\"}".utf8)) }
        }
    }

    @Test func `nesting to 511 goes there and back, more is an error`() throws {
        func nested(_ depth: Int) -> [UInt8] { Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8) }
        let deep = try Wire.decode(JSONValue.self, from: nested(511))
        #expect(Wire.encode(deep) == nested(511))
        for depth in [512, 100_000, 1_000_000] {
            #expect(throws: JSONError.self) { try Wire.decode(JSONValue.self, from: nested(depth)) }
            #expect(throws: JSONError.self) { try Wire.decode(JSONValue.self, from: Array(repeating: UInt8(ascii: "["), count: depth)) }
            #expect(throws: JSONError.self) { try Wire.decode(JSONValue.self, from: Array(String(repeating: "{\"a\":", count: depth).utf8)) }
        }
    }

    @Test func `what JSON cannot say stops the process`() async {
        await #expect(processExitsWith: .failure) { _ = Wire.encode([Double.nan]) }
        await #expect(processExitsWith: .failure) { _ = Wire.encode(["a": Float.infinity]) }
    }
}

@Suite struct `Numbers and text on the wire` {
    @Test(arguments: [
        (0, "0"), (-0.0, "-0"), (1, "1"), (-1, "-1"), (0.1, "0.1"), (2.5, "2.5"), (1e15, "1000000000000000"), (1e16, "1e+16"),
        (1e20, "1e+20"), (1e-7, "1e-07"), (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        (123456789.125, "123456789.125"), (0x1p53, "9007199254740992"), (-999_999_999_999_999, "-999999999999999"),
    ] as [(Double, String)])
    func `doubles have Foundation's form`(_ value: Double, _ expected: String) throws {
        #expect([text(Wire.encode(value)), text(FoundationCoder.encode(value))] == [expected, expected])
        #expect(try Wire.decode(Double.self, from: Wire.encode(value)).bitPattern == value.bitPattern)
    }

    @Test func `every double comes back as the same bits`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = RandomWire(seed: seed)
        var lost: [Double] = []
        for _ in 0..<20_000 {
            let value = random.double()
            if try Wire.decode(Double.self, from: Wire.encode(value)).bitPattern != value.bitPattern { lost.append(value) }
        }
        #expect(lost == [], "seed \(seed)")
    }

    @Test(arguments: [
        "0", "-0", "7", "3.0", "3e0", "3e2", "2.5", "1e17", "100000000000000000000", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "127", "128", "-1", "255.0", "9007199254740993.0",
        "\"1\"", "true", "null", "1e-400", "1e400", "0.1e1",
    ])
    func `a number is read as Foundation reads it or refused as it refuses it`(_ source: String) {
        let bytes = Array(source.utf8)
        func same<T: Decodable & Equatable>(_: T.Type) -> Bool {
            (try? Wire.decode(T.self, from: bytes)) == (try? FoundationCoder.decode(T.self, from: bytes))
        }
        #expect([same(Int.self), same(Int8.self), same(UInt8.self), same(UInt64.self), same(Double.self), same(Float.self)]
            == Array(repeating: true, count: 6))
    }

    @Test func `every character below U+0200 and some beyond are escaped as Foundation escapes them`() throws {
        let all = String(String.UnicodeScalarView((0..<0x200).map { Unicode.Scalar($0)! } + ["\u{2028}", "\u{FEFF}", "\u{10FFFF}"]))
        #expect(Wire.encode([all: all]) == FoundationCoder.encode([all: all]))
        #expect(try Wire.decode([String: String].self, from: Wire.encode([all: all])) == [all: all])
        #expect(try Wire.decode(String.self, from: Array(#""\u00e9\/\uD83E\udded\b\f""#.utf8)) == "é/\u{1F9ED}\u{8}\u{C}")
    }
}

@Suite struct `Errors of the wire` {
    private struct Outer: Codable {
        struct Inner: Codable { var level: Double, names: [String] }
        var inner: Inner, list: [Inner], id: EntityID<Learner>?, byID: [EntityID<Learner>: Int]?
    }

    /// Kind and place, as `Dispatcher` tells them to the caller.
    private func told(_ read: () throws -> Any) -> String {
        func place(_ path: [any CodingKey]) -> String { path.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined() }
        do { return "\(try read())" } catch DecodingError.keyNotFound(let key, let context) {
            return "missing " + place(context.codingPath + [key])
        } catch DecodingError.valueNotFound(_, let context) { return "missing " + place(context.codingPath)
        } catch DecodingError.typeMismatch(_, let context) { return "type " + place(context.codingPath)
        } catch DecodingError.dataCorrupted(let context) { return "value " + place(context.codingPath)
        } catch { return "other" }
    }

    @Test(arguments: [
        ("{}", "missing /inner"), (#"{"inner":null}"#, "missing /inner"), (#"{"inner":[]}"#, "type /inner"),
        (#"{"inner":{"level":"x"}}"#, "type /inner/level"), (#"{"inner":{"level":null}}"#, "missing /inner/level"),
        (#"{"inner":{"level":1,"names":[1]}}"#, "type /inner/names/0"),
        (#"{"inner":{"level":1,"names":["a",null]}}"#, "missing /inner/names/1"),
        (#"{"inner":{"level":1,"names":[]},"list":[{"level":1,"names":[]},{"level":1}]}"#, "missing /list/1/names"),
        (#"{"inner":{"level":1,"names":[]},"list":[],"id":"x"}"#, "value /id"), ("[]", "type "), ("7", "type "), ("null", "missing "),
        (#"{"inner":{"level":1,"names":[]},"list":[],"byID":{"x":1}}"#, "value /byID/x"),
    ])
    func `an error of shape has Foundation's kind and place`(_ source: String, _ expected: String) {
        let bytes = Array(source.utf8)
        #expect([told { try Wire.decode(Outer.self, from: bytes) }, told { try FoundationCoder.decode(Outer.self, from: bytes) }]
            == [expected, expected])
    }

    @Test func `of two members with one name the first counts`() throws {
        let few = Array(#"{"a":1,"b":2,"a":3}"#.utf8)
        let many = Array(("{\"a\":1," + (0..<100).map { "\"k\($0)\":\($0)," }.joined() + "\"a\":3}").utf8)
        for bytes in [few, many] {
            let (ours, theirs) = (try Wire.decode([String: Int].self, from: bytes), try FoundationCoder.decode([String: Int].self, from: bytes))
            #expect(ours == theirs && ours["a"] == 1)
            #expect(try Wire.decode(JSONValue.self, from: bytes) == FoundationCoder.decode(JSONValue.self, from: bytes))
        }
    }

    @Test func `a member that throws leaves nothing behind`() throws {
        struct Stubborn: Encodable {
            struct Half: Encodable {
                func encode(to encoder: any Encoder) throws {
                    var container = encoder.container(keyedBy: TextKey.self)
                    try container.encode(1, forKey: TextKey("x"))
                    try container.encode(Double.nan, forKey: TextKey("y"))
                }
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: TextKey.self)
                try? container.encode(Half(), forKey: TextKey("b"))
                try container.encode([1, 2], forKey: TextKey("a"))
                try? container.encode([Half()], forKey: TextKey("0"))
            }
        }
        #expect(text(Wire.encode(Stubborn())) == #"{"a":[1,2]}"#)
    }

    @Test func `the last of two values with one name is written`() {
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: TextKey.self)
                for (name, value) in [("b", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)] {
                    try container.encode(value, forKey: TextKey(name))
                }
            }
        }
        #expect(Wire.encode(Twice()) == FoundationCoder.encode(Twice()))
    }
}
