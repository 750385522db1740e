import Domain
import Foundation
import Testing

func json(_ text: String, limits: JSONLimits = .edge) throws(JSONError) -> JSONValue {
    try JSONValue.parse(Array(text.utf8), limits: limits)
}

/// Rule, offset and pointer of the refusal; nil when the text was accepted.
private func refusal(_ bytes: [UInt8], limits: JSONLimits = .edge) -> String? {
    do {
        _ = try JSONValue.parse(bytes, limits: limits)
        return nil
    } catch { return "\(error.rule) \(error.offset) \(error.pointer)" }
}

@Suite struct JSONReaderTests {
    @Test func `all kinds of values are read in the order and the words of the text`() throws {
        let text = #" { "b" : [ null , true , false , -0.0e+1 , 12 , "" ] , "a" : { } , "é" : [ ] } "#
        #expect(try json(text) == [
            "b": [.null, true, false, .number(#require(JSONNumber("-0.0e+1"))), 12, ""], "a": [:], "é": [],
        ])
        #expect(String(decoding: try json(text).serialized(), as: UTF8.self)
                == #"{"b":[null,true,false,-0.0e+1,12,""],"a":{},"é":[]}"#)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC""#, "é€"),
        (#""\uD834\uDD1E""#, "𝄞"), (#""a\u0301""#, "a\u{301}"), (#""𝑑 \u2028""#, "𝑑 \u{2028}"),
        (#""\u0001""#, "\u{1}"), (#""\uFFFF""#, "\u{FFFF}"), ("\"\u{7F}\"", "\u{7F}"),
    ])
    func `escapes and characters are read`(_ text: String, _ value: String) throws {
        #expect(try json(text) == .string(value))
        #expect(try JSONValue.parse(JSONValue.string(value).serialized()) == .string(value))
    }

    @Test(arguments: [
        ("", "json.unexpected_end 0 "), ("  ", "json.unexpected_end 2 "), ("{", "json.unexpected_end 1 "),
        (#"{"a""#, "json.unexpected_end 4 /a"), (#"{"a":"#, "json.unexpected_end 5 /a"),
        (#"{"a":1"#, "json.unexpected_end 6 "), (#"{"a":1,"#, "json.unexpected_end 7 "),
        (#"{"a":1,}"#, "json.syntax 7 "), ("[1,]", "json.syntax 3 /1"), ("[,1]", "json.syntax 1 /0"),
        ("[1 2]", "json.syntax 3 "), (#"{"a" 1}"#, "json.syntax 5 /a"), (#"{a:1}"#, "json.syntax 1 "),
        (#"{'a':1}"#, "json.syntax 1 "), (#"{"a":1 "b":2}"#, "json.syntax 7 "), ("[1]]", "json.trailing_text 3 "),
        ("1 2", "json.trailing_text 2 "), ("nul", "json.unexpected_end 3 "), ("nulL", "json.syntax 0 "),
        ("NaN", "json.syntax 0 "), ("[Infinity]", "json.syntax 1 /0"), ("-Infinity", "json.number 1 "),
        ("True", "json.syntax 0 "), ("// c\n1", "json.syntax 0 "), ("1/**/", "json.trailing_text 1 "),
        ("01", "json.number 0 "), ("-01", "json.number 0 "), ("-", "json.unexpected_end 1 "), ("1.", "json.unexpected_end 2 "),
        ("1.e1", "json.number 2 "), (".5", "json.syntax 0 "), ("+1", "json.syntax 0 "), ("0x1", "json.trailing_text 1 "),
        ("1e", "json.unexpected_end 2 "), ("1e+", "json.unexpected_end 3 "), ("1e5.2", "json.trailing_text 3 "),
        ("１", "json.syntax 0 "), ("1e999", "json.number_range 0 "), ("[-1E999]", "json.number_range 1 /0"),
        ("1e-999", "json.number_range 0 "), ("0e99999999999999999999", "json.number_range 0 "),
        (#""\x""#, "json.escape 1 "), (#""\u12G4""#, "json.escape 5 "), (#""\u12""#, "json.unexpected_end 6 "),
        (#""\u+123""#, "json.escape 3 "), (#""\"#, "json.unexpected_end 2 "), (#""abc"#, "json.unexpected_end 4 "),
        (#"["\uD800"]"#, "json.lone_surrogate 2 /0"), (#""\uDC00""#, "json.lone_surrogate 1 "),
        (#""\uD800\uD800""#, "json.lone_surrogate 1 "), (#""\uD800x""#, "json.lone_surrogate 1 "),
        (#""\uD834\n""#, "json.lone_surrogate 1 "), (#"{"a":"x\u0000"}"#, "json.nul 7 /a"),
        ("\"a\u{0}\"", "json.nul 2 "), ("\"a\nb\"", "json.control_character 2 "), ("\"\\n\t\"", "json.control_character 3 "),
        ("\u{FEFF}1", "json.byte_order_mark 0 "), ("\u{A0}1", "json.syntax 0 "), ("\u{C}1", "json.syntax 0 "),
        (#"{"role":1,"x":2,"role":3}"#, "json.duplicate_member 16 /role"),
        (#"[{"a/b~":{"k":1,"\u006b":2}}]"#, "json.duplicate_member 16 /0/a~1b~0/k"),
        (#"{"a":1,"é":1,"é":2}"#, "json.duplicate_member 14 /é"),
    ])
    func `what only looks like JSON is refused with its place`(_ text: String, _ expected: String) {
        #expect(refusal(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        [0x22, 0xC3, 0x22], [0x22, 0x80, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xFF, 0x22], [0x22, 0x5C, 0x6E, 0xC3, 0x28, 0x22],
    ] as [[UInt8]])
    func `invalid UTF-8 is refused at its byte`(_ bytes: [UInt8]) {
        // The last one has the good escape \n before the bad byte.
        #expect(refusal(bytes) == "json.utf8 \(bytes[1] == 0x5C ? 3 : 1) ")
        #expect(refusal([0xFE, 0xFF, 0x00, 0x31]) == "json.syntax 0 ")
    }

    @Test func `many members are compared as strictly as few`() {
        let names = (0..<900).map { "\"n\($0)\":0" }
        #expect(refusal(Array("{\(names.joined(separator: ","))}".utf8)) == nil)
        let expected = "{\(names.joined(separator: ",")),".utf8.count
        #expect(refusal(Array("{\((names + ["\"n17\":1"]).joined(separator: ","))}".utf8))
                == "json.duplicate_member \(expected) /n17")
    }

    @Test func `each limit holds exactly and is called too large`() throws {
        let limits = JSONLimits(bytesMax: 20, depthMax: 3, membersMax: 2, valuesMax: 6)
        let accepted = ["[[[]]]", #"{"a":1,"b":2}"#, "[1,2,3,4,5]", "\"" + String(repeating: "x", count: 18) + "\""]
        #expect(accepted.map { refusal(Array($0.utf8), limits: limits) } == [nil, nil, nil, nil])
        let refused = ["[[[[]]]]", #"{"a":1,"b":2,"c":3}"#, "[1,2,3,4,5,6]", "\"" + String(repeating: "x", count: 19) + "\""]
        #expect(refused.map { refusal(Array($0.utf8), limits: limits) } == [
            "json.too_deep 3 /0/0/0", "json.too_many_members 13 ", "json.too_many_values 11 /5", "json.too_many_bytes 20 ",
        ])
        do { _ = try json("[[[[]]]]", limits: limits) } catch { #expect(error.fault.code == .tooLarge) }
        do { _ = try json("[") } catch { #expect(error.fault.code == .malformed) }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a hundred thousand brackets, quotes or backslashes neither overflow the stack nor take long`() {
        for text in ["[", "{\"a\":", "\"\\", "[[]", "-", "\\", "[\"", "{\"", "\"\\u"] {
            let bytes = Array(String(repeating: text, count: 100_000).utf8)
            #expect(refusal(bytes, limits: JSONLimits(
                bytesMax: .max, depthMax: .max, membersMax: .max, valuesMax: .max)) != nil)
        }
    }

    @Test func `numbers keep their text and know what they are`() throws {
        let texts = ["0", "-0", "1.0", "1e2", "9007199254740993", "9223372036854775807", "9223372036854775808",
                     "0.1", "1.5", "-12e-1", "100000000000000000000", "1E40"]
        let numbers = try texts.map { try #require(JSONNumber($0)) }
        #expect(numbers.map(\.text) == texts)
        #expect(numbers.map(\.int64) == [
            0, 0, 1, 100, 9_007_199_254_740_993, .max, nil, nil, nil, nil, nil, nil,
        ])
        #expect(try json("12.50").number?.double == 12.5)
        #expect(["", "1 ", " 1", "1,2", "NaN", "0x1", "\"1\"", "1e999"].allSatisfy { JSONNumber($0) == nil })
        #expect(JSONNumber(Double.infinity) == nil && JSONNumber(0.1)?.text == "0.1")
    }

    @Test func `a text cut or changed anywhere never traps and a value written is read again`() throws {
        let text = Array(#"{"a":[1,-2.5e3,"\u00e9\n𝄞",null,true],"b":{"c":{},"d":[[]]},"":false}"#.utf8)
        let seed: UInt64 = 7
        var random = SplitMix64(seed: seed)
        var accepted = 0
        for cut in text.indices where refusal(Array(text[..<cut])) == nil { accepted += 1 }
        for _ in 0..<20_000 {
            var changed = text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let value = try? JSONValue.parse(changed) else { continue }
            if (try? JSONValue.parse(value.serialized())) != value { accepted += 1 }
            // What we accept, Foundation accepts too.
            if (try? JSONSerialization.jsonObject(with: Data(changed), options: .fragmentsAllowed)) == nil { accepted += 1 }
        }
        #expect(accepted == 0, "seed \(seed)")
    }
}
