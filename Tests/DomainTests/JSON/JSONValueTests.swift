import Domain
import Foundation
import Testing

@Suite struct JSONValueTests {
    @Test func `objects are equal in any order of members, numbers only in the same words`() throws {
        let one = try json(#"{"a":1,"b":[2]}"#), other = try json(#"{"b":[2],"a":1}"#)
        #expect(one == other && Set([one, other]).count == 1 && one.canonical() == other.canonical())
        #expect(try json("1") != json("1.0"))
        #expect(try json(#"{"a":1}"#) != json(#"{"a":1,"b":null}"#))
    }

    @Test func `members are set, replaced and removed in few and in many`() {
        for count in [3, 40] {
            var object = JSONObject((0..<count).map { ("m\($0)", JSONValue.number(JSONNumber(Int64($0)))) })
            object["m1"] = "new"
            object["m0"] = nil
            object["last"] = true
            object["never"] = nil
            #expect(object.names == (1..<count).map { "m\($0)" } + ["last"])
            #expect([object["m1"], object["m0"], object["m2"], object["last"]] == ["new", nil, 2, true])
        }
    }

    @Test func `the address adds members and the body must not compete`() throws {
        let body = try json(#"{"title":"x"}"#)
        #expect(try body.merging(["id": "7"]) == ["title": "x", "id": "7"])
        let competing = #expect(throws: Fault.self) { try body.merging(["title": "y", "id": "7"]) }
        #expect(competing?.violations.map(\.pointer) == ["/title"] && competing?.violations.first?.rule == "member.unknown")
        let list = #expect(throws: Fault.self) { try JSONValue.array([]).merging(["id": "7"]) }
        #expect(list?.violations.first?.rule == "member.type")
    }

    @Test func `canonical bytes sort members at every depth`() throws {
        #expect(String(decoding: try json(#"{"b":{"z":1,"a":2},"a":[{"d":1,"c":2}]}"#).canonical(), as: UTF8.self)
                == #"{"a":[{"c":2,"d":1}],"b":{"a":2,"z":1}}"#)
    }

    @Test func `values go through Foundation's coders`() throws {
        let value = try json("""
            {"a":[1,-2,0.1,1e300,true,null,"x/y"],"n":{"big":9223372036854775807,"long":0.12345678901234567890}}
            """)
        let again = try Wire.decode(JSONValue.self, from: Wire.encode(value))
        let numbers = again["a"]?.array?.compactMap(\.number?.text)
        #expect(numbers == ["1", "-2", "0.1", "1e+300"] && again["n"]?["big"] == .number(JSONNumber(.max)))
        #expect(again["n"]?["long"]?.number?.text.hasPrefix("0.1234567890123456789") == true)
        #expect(try Wire.decode([String: JSONObject].self, from: Array(#"{"o":{"k":[]}}"#.utf8)) == ["o": ["k": []]])
    }
}
