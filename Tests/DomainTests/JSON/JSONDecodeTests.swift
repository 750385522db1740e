import Domain
import Foundation
import Testing

private enum Thing {}
private enum Color: String, Codable, CaseIterable { case red, green = "bright_green" }
private enum Size: Int, Codable { case small = 1, large }

private struct Inner: Codable, Equatable {
    var name: String
    var count: Int?
}

private struct Outer: Codable, Equatable {
    var id: EntityID<Thing>
    var color: Color
    var size: Size?
    var inner: Inner
    var list: [Inner]
    var tags: [String]?
    var byName: [String: Inner]?
    var byID: [EntityID<Thing>: Int]?
    var free: JSONValue?
    var holes: [Int?]?
    var day: CalendarDate?
    var small: UInt8?
    var ratio: Double?
    var uuid: UUID?
    var amount: Decimal?
}

private let id = "0192f0c1-2b3c-7def-8abc-0123456789ab"
private let least = #""id":"\#(id)","color":"red","inner":{"name":"n"},"list":[]"#

private func violations<T: Decodable>(_ text: String, as type: T.Type) throws -> [String] {
    let value = try json(text)
    do throws(Fault) {
        _ = try value.decode(type)
        return []
    } catch {
        #expect(error.code == .invalid)
        return error.violations.map { "\($0.pointer) \($0.rule): \($0.message)" }
    }
}

@Suite struct JSONDecodeTests {
    @Test func `everything a command may hold is decoded as Foundation decodes it`() throws {
        let text = """
            {\(least.replacing(#""list":[]"#, with: #""list":[{"name":"a","count":3},{"name":"b"}]"#)),
             "size":2,"tags":["x","y"],"byName":{"k":{"name":"z"}},"byID":{"\(id)":4},"holes":[1,null,3],
             "day":"2026-11-21","small":255,"ratio":2,"uuid":"\(id.uppercased())","amount":12.30}
            """
        let outer = try json(text).decode(Outer.self)
        #expect(outer == (try JSONDecoder().decode(Outer.self, from: Data(text.utf8))))
        #expect(outer.list.count == 2 && outer.amount == Decimal(string: "12.3"))
    }

    @Test func `a member of type JSONValue gets its part verbatim and all of it is known`() throws {
        let free = #"{"b":1.10,"a":[{"deep":{"er":null}}]}"#
        let outer = try json("{\(least),\"free\":\(free)}").decode(Outer.self)
        #expect(outer.free.map { String(decoding: $0.serialized(), as: UTF8.self) } == free)
        #expect(try json(free).decode(JSONValue.self) == json(free))
        #expect(try json(#"[{"x":[1]},{}]"#).decode([JSONObject].self) == [["x": [1]], [:]])
    }

    @Test func `every unknown member is named, wherever it is`() throws {
        let text = """
            {"zz":1,"id":"\(id)","color":"red","inner":{"name":"n","x/y":{"deep":1}},
             "list":[{"name":"a"},{"name":"b","extra":[]}],"byName":{"k":{"name":"z","more":1}},"tenant":"t"}
            """
        #expect(try violations(text, as: Outer.self) == [
            "/zz", "/inner/x~1y", "/list/1/extra", "/byName/k/more", "/tenant",
        ].map { "\($0) member.unknown: is not known here" })
        #expect(try json(text).decode(Outer.self, unknownMembers: .ignored).list.count == 2)
        #expect(try violations(#"{"a":1}"#, as: Done.self) == ["/a member.unknown: is not known here"])
        #expect(try violations("{}", as: Done.self) == [])
    }

    @Test(arguments: [
        (#""color":"red""#, "", "/color member.missing: is required"),
        (#""name":"n""#, "", "/inner/name member.missing: is required"),
        (#""name":"n""#, #""name":null"#, "/inner/name member.type: must be a string, not null"),
        (#""name":"n""#, #""name":7"#, "/inner/name member.type: must be a string, not a number"),
        (#"{"name":"n"}"#, "null", "/inner member.type: must be an object, not null"),
        (#"{"name":"n"}"#, "[]", "/inner member.type: must be an object, not an array"),
        (#""list":[]"#, #""list":{}"#, "/list member.type: must be an array, not an object"),
        (#""list":[]"#, #""list":[{"name":"a"},{"name":true}]"#, "/list/1/name member.type: must be a string, not true or false"),
        (#""list":[]"#, #""list":[null]"#, "/list/0 member.type: must be an object, not null"),
        (#""list":[]"#, #""list":[{"name":"a","count":1.5}]"#, "/list/0/count member.type: must be a whole number"),
        (#""list":[]"#, #""list":[{"name":"a","count":"1"}]"#, "/list/0/count member.type: must be a whole number, not a string"),
        (#""list":[]"#, #""list":[{"name":"a","count":9223372036854775808}]"#,
         "/list/0/count member.value: must be a whole number from -9223372036854775808 to 9223372036854775807"),
        (#""color":"red""#, #""color":"blue""#, "/color member.value: must be one of: red, bright_green"),
        (#""list":[]"#, #""list":[],"size":9"#, "/size member.value: is not one of the values allowed here"),
        (#""list":[]"#, #""list":[],"small":256"#, "/small member.value: must be a whole number from 0 to 255"),
        (#""list":[]"#, #""list":[],"small":-1"#, "/small member.value: must be a whole number from 0 to 255"),
        (#""list":[]"#, #""list":[],"day":"2026-02-30""#, "/day member.value: must be a date YYYY-MM-DD"),
        (#""list":[]"#, #""list":[],"uuid":"+\#(id.dropFirst())""#, "/uuid member.value: must be a UUID"),
        (#""list":[]"#, #""list":[],"byID":{"no/id":1}"#, "/byID/no~1id member.value: is not a name allowed here"),
        (#""list":[]"#, #""list":[],"holes":[1,"2"]"#, "/holes/1 member.type: must be a whole number, not a string"),
        (#""list":[]"#, #""list":[],"tags":["a",null]"#, "/tags/1 member.type: must be a string, not null"),
        (#""id":"\#(id)""#, #""id":"7""#, "/id member.value: must be a UUID"),
    ])
    func `the member that fails is named with what was expected`(
        _ part: String, _ replacement: String, _ expected: String
    ) throws {
        let text = "{\(least.replacing(part, with: replacement))}"
            .replacing(",,", with: ",").replacing("{,", with: "{").replacing(",}", with: "}")
        #expect(try violations(text, as: Outer.self) == [expected])
    }

    @Test func `the whole value may be of the wrong kind`() throws {
        #expect(try violations("[]", as: Outer.self) == [" member.type: must be an object, not an array"])
        #expect(try violations("7", as: String.self) == [" member.type: must be a string, not a number"])
        #expect(try violations(#""x""#, as: [Int].self) == [" member.type: must be an array, not a string"])
        #expect(try json("[1,2]").decode([Int].self) == [1, 2] && json("3e0").decode(Int.self) == 3)
    }

    private enum Shape: Codable, Equatable { case circle(radius: Int), square(side: Int), none }

    @Test func `an enum with payloads is read and its unknown parts are refused`() throws {
        #expect(try json(#"{"circle":{"radius":2}}"#).decode(Shape.self) == .circle(radius: 2))
        #expect(try json(#"{"none":{}}"#).decode(Shape.self) == Shape.none)
        #expect(try violations(#"{"circle":{"radius":2,"color":1}}"#, as: Shape.self)
                == ["/circle/color member.unknown: is not known here"])
        #expect(try violations(#"{"triangle":{}}"#, as: Shape.self) == [" member.type: is not of the expected form"])
    }

    /// Tries one form, then another.
    private struct Either: Decodable, Equatable {
        var value: String
        private struct Long: Decodable { var text: String; var language: String }
        private struct Short: Decodable { var text: String }
        init(from decoder: any Decoder) throws {
            if let long = try? Long(from: decoder) { value = "\(long.text)@\(long.language)" } else {
                value = try Short(from: decoder).text
            }
        }
    }

    @Test func `a type that tries two forms knows the members of both`() throws {
        #expect(try json(#"[{"text":"a"},{"text":"b","language":"en"}]"#).decode([Either].self).map(\.value) == ["a", "b@en"])
        #expect(try violations(#"{"text":"a","x":1}"#, as: Either.self) == ["/x member.unknown: is not known here"])
    }

    private struct Pair: Decodable {
        var first: Int
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            first = try container.decode(Int.self)
        }
    }

    @Test func `an element that nobody takes is unknown`() throws {
        #expect(try violations(#"{"p":[1,2]}"#, as: [String: Pair].self) == ["/p/1 member.unknown: is not known here"])
        #expect(try violations(#"{"p":[]}"#, as: [String: Pair].self) == ["/p/0 member.missing: is required"])
    }

    private struct Ruled: Decodable {
        init(from _: any Decoder) throws { throw Fault.refused("a.rule", "No.", at: "/inside") }
    }
    private struct Failing: Decodable {
        private struct Secret: Error {}
        init(from _: any Decoder) throws { throw Secret() }
    }

    @Test func `a fault from inside keeps its rule and gets the whole pointer, other errors say nothing`() throws {
        let fault = #expect(throws: Fault.self) { try json(#"{"a":[{}]}"#).decode([String: [Ruled]].self) }
        #expect(fault?.violations == [.init("/a/0/inside", "a.rule", "No.")])
        #expect(try violations(#"{"a":[{}]}"#, as: [String: [Failing]].self) == ["/a/0 member.value: is not acceptable"])
    }

    @Test func `what to do with a parked event is named where something else was asked`() throws {
        let text = #"{"consumer":"c","event":"\#(id)","action":"burn","reason":"r"}"#
        #expect(try violations(text, as: ReleaseParked.self) == ["/action member.value: must be one of: retry, skip"])
    }

    @Test func `at most fifty unknown members are named`() throws {
        let members = (0..<90).map { "\"m\($0)\":0" }.joined(separator: ",")
        #expect(try violations("{\(members)}", as: Done.self).count == 50)
    }
}
