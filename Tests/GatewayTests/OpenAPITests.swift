import Domain
import Foundation
@testable import Gateway
import Support
import Testing

/// `CAIRN_REGENERATE=1` writes the files that these tests hold against the code.
private let regenerates = ProcessInfo.processInfo.environment["CAIRN_REGENERATE"] == "1"

private let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

@Suite struct `The OpenAPI document` {
    static let document = OpenAPIDocument.make(RouteTable.all)

    @Test func `tells of every route and every member of its request and reply`() throws {
        let paths = try required(Self.document["paths"]?.object)
        var operations: Set<String> = []
        for route in RouteTable.all {
            let operation = try required(paths[route.path.description]?[route.method.rawValue.lowercased()])
            #expect(operations.insert(try required(operation["operationId"]?.text)).inserted, "\(route.operationID) twice")
            guard let contract = route.contract else { continue }
            let text = Self.reachable(operation)
            let told = contract.request.members.filter { !route.isStream || $0.name == "after" || $0.name == "subscription" }
            for member in (contract.body == .framework ? [] : told) + (route.isStream ? [] : contract.reply.members) {
                // A member that is the whole body has no name of its own on the wire.
                guard member.name != contract.wholeMember else { continue }
                #expect(text.contains("\"\(member.name)\""), "\(route.path) does not tell of \(member.name)")
            }
        }
        #expect(operations.count == RouteTable.all.count)
        #expect(paths.members.reduce(0) { $0 + ($1.value.object?.count ?? 0) } == RouteTable.all.count)
    }

    /// An operation's text with all that it refers to.
    static func reachable(_ value: JSONValue) -> String {
        var text = String(decoding: value.serialized(), as: UTF8.self)
        var seen: Set<String> = []
        var waiting = references(text)
        while let next = waiting.popLast() {
            guard seen.insert(next).inserted else { continue }
            let parts = next.dropFirst(2).split(separator: "/")
            let more = parts.reduce(JSONValue?.some(document)) { $0?[String($1)] }
            guard let more else { continue }
            let part = String(decoding: more.serialized(), as: UTF8.self)
            text += part
            waiting += references(part)
        }
        return text
    }

    static func references(_ text: String) -> [String] {
        text.matches(of: #/"\$ref":"(#[^"]+)"/#).map { String($0.1) }
    }

    @Test func `refers to nothing that is not there`() {
        let text = String(decoding: Self.document.serialized(), as: UTF8.self)
        for reference in Set(Self.references(text)) {
            let found = reference.dropFirst(2).split(separator: "/").reduce(JSONValue?.some(Self.document)) { $0?[String($1)] }
            #expect(found != nil, "\(reference)")
        }
    }

    @Test func `asks for a key on every command and a token on every route of the API`() throws {
        for route in RouteTable.all {
            let operation = try required(Self.document["paths"]?[route.path.description]?[route.method.rawValue.lowercased()])
            let text = String(decoding: operation.serialized(), as: UTF8.self)
            #expect(text.contains("IdempotencyKey") == (route.contract?.isCommand ?? false))
            #expect((operation["security"] == []) == (route.contract == nil))
        }
    }

    @Test func `knows the words of enumerations and the forms of values`() {
        let schemas = Self.document["components"]?["schemas"]
        #expect(schemas?["ConsentEntry"]?["properties"]?["status"]?["enum"] == ["granted", "draining", "effective", "expired"])
        #expect(schemas?["RegisterLearner"]?["properties"]?["birthDate"]?["format"] == "date")
        #expect(schemas?["RegisterLearner"]?["required"] == ["organization", "givenName", "familyName", "birthDate"])
        #expect(schemas?["RegisterLearner"]?["additionalProperties"] == false)
        #expect(schemas?["GrantConsent"]?["properties"]?.object?.names == ["partner", "purpose", "types", "until", "contractRevision"])
        #expect(schemas?["PageOfConsentEntry"]?["properties"]?["items"]?["items"]?["$ref"] == "#/components/schemas/ConsentEntry")
    }

    @Test func `the pathway document's shape is that of its type`() throws {
        let everything = """
            {"format":"cairn-pathway/1","title":"T","description":"d","occupations":[{"code":"c","title":"t"}],"sector":"s",
             "components":[{"id":"a","kind":"basic","title":"t","description":"d","target":"urn:x","level":1.5,
               "bases":["granted"],"currency":{"days":3},
               "condition":{"require":"all","of":["b",{"require":1,"of":["c"]},
                 {"measure":"credits","over":["urn:y"],"comparator":"equal","value":3,"caps":[{"over":["urn:y"],"most":2}]}]},
               "milestone":{"title":"m","level":3},"precedes":["b"]}],
             "destinations":["a"],
             "entitlements":[{"id":"e","after":"a","kind":"credit","title":"t","obligor":"\(someID)","days":1,"terms":"x"}],
             "requires":{"recognitions":[{"kind":"credit","organizations":["\(someID)"],"atLeast":1}]},
             "progressions":[{"id":"p","title":"t","levels":["low"]}],
             "crosswalks":[{"from":"urn:x","to":"urn:y","confers":true,"strength":"mostly","topUp":["urn:z"],"level":"low",
               "chains":true,"decision":"d"}],
             "waivers":[{"zone":"z","components":["a"],"decision":"d"}]}
            """
        let value = try JSONValue.parse(Array(everything.utf8))
        let document = try value.decode(PathwayDocument.self)
        // Nothing was lost, so the sample says all that the type can.
        #expect(try JSONValue.parse(Wire.encode(document)) == value)
        try Self.compare(value, with: "PathwayDocument")
        for (name, path) in [
            ("PathwayOccupation", ["occupations", "0"]), ("PathwayComponent", ["components", "0"]),
            ("PathwayCondition", ["components", "0", "condition"]), ("PathwayMilestone", ["components", "0", "milestone"]),
            ("PathwayEntitlement", ["entitlements", "0"]), ("PathwayRequires", ["requires"]),
            ("PathwayRequiredRecognitions", ["requires", "recognitions", "0"]),
            ("PathwayConstraint", ["components", "0", "condition", "of", "2"]),
            ("PathwayCap", ["components", "0", "condition", "of", "2", "caps", "0"]),
            ("PathwayProgression", ["progressions", "0"]), ("PathwayCrosswalk", ["crosswalks", "0"]),
            ("PathwayWaiver", ["waivers", "0"]),
        ] {
            let part = path.reduce(JSONValue?.some(value)) { Int($1).map { place in { $0?.array?[place] } }?($0) ?? $0?[$1] }
            try Self.compare(try required(part), with: name)
        }
    }

    private static func compare(_ value: JSONValue, with name: String) throws {
        let told = try required(document["components"]?["schemas"]?[name]?["properties"]?.object)
        #expect(Set(told.names) == Set(try required(value.object).names), "\(name)")
    }

    @Test func `the checked-in copy is this one`() throws {
        let file = root.appending(path: "docs/openapi.json")
        let bytes = Self.document.serialized()
        if regenerates {
            let object = try JSONSerialization.jsonObject(with: Data(bytes))
            try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
                .write(to: file)
        }
        let kept = try JSONValue.parse(Array(try Data(contentsOf: file)), limits: .file)
        #expect(kept == Self.document, "run with CAIRN_REGENERATE=1 and look at the difference")
    }

    @Test func `a validator of other people's agrees`() throws {
        let python = URL(filePath: "/usr/bin/env")
        func run(_ arguments: [String], _ input: [UInt8] = []) throws -> (status: Int32, output: String) {
            let process = Process(), output = Pipe()
            process.executableURL = python
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: text, as: UTF8.self))
        }
        guard try run(["python3", "-c", "import openapi_spec_validator"]).status == 0 else {
            try Test.cancel("openapi-spec-validator is not installed")
        }
        let file = URL(fileURLWithPath: Scratch.path("openapi.json"))
        try Data(Self.document.serialized()).write(to: file)
        let result = try run(["python3", "-m", "openapi_spec_validator", file.path])
        #expect(result.status == 0, "\(result.output.suffix(2000))")
    }

    @Test func `the page for people tells of every route and loads nothing`() {
        let page = DocsPage.html(RouteTable.all)
        for route in RouteTable.all {
            #expect(page.contains("\(route.method.rawValue) \(route.path)"), "\(route.path)")
        }
        for code in Fault.Code.documented { #expect(page.contains("id=\"problem-\(code)\""), "\(code)") }
        #expect(!page.contains("<script") && !page.contains("src="))
        #expect(DocsPage.escaped("<a href='x'>&\"") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;")
    }
}

/// The documentation comments of Domain, as the API's descriptions.
@Suite struct `Domain notes` {
    @Test func `are the comments in the sources`() throws {
        let notes = try Self.read(root.appending(path: "Shared/Domain")).filter { Self.named.contains(Self.type($0.key)) }
        let file = root.appending(path: "Services/Gateway/OpenAPI/DomainNotes.swift")
        if regenerates { try Data(Self.swift(notes).utf8).write(to: file) }
        #expect(try String(contentsOf: file, encoding: .utf8) == Self.swift(notes), "run with CAIRN_REGENERATE=1")
    }

    static func type(_ key: String) -> String { String(key.prefix { $0 != "." }) }

    /// The names of all shapes that a route shows.
    static let named: Set<String> = {
        var names: Set<String> = []
        func visit(_ schema: Schema) {
            switch schema {
            case .object(let object):
                names.insert(object.name)
                for member in object.members { visit(member.schema) }
            case .array(let element): visit(element)
            default: break
            }
        }
        for contract in RouteTable.all.compactMap(\.contract) {
            visit(contract.request)
            visit(contract.reply)
        }
        return names
    }()

    /// `Type` and `Type.member` to the comment right above the declaration, one line each.
    static func read(_ folder: URL) throws -> [String: String] {
        var notes: [String: String] = [:]
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" } ?? []
        for file in files {
            var types: [(indent: Int, name: String)] = []
            var comment: [Substring] = []
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false) {
                let text = line.drop { $0 == " " }
                let indent = line.count - text.count
                if text.hasPrefix("///") {
                    comment.append(text.dropFirst(3).drop { $0 == " " })
                    continue
                }
                defer { comment = [] }
                if text.hasPrefix("}") { types.removeAll { $0.indent >= indent } }
                if let match = text.firstMatch(of: #/^package (?:struct|enum) (\w+)/#) {
                    types.removeAll { $0.indent >= indent }
                    types.append((indent, String(match.1)))
                    if !comment.isEmpty { notes[types.map(\.name).joined()] = joined(comment) }
                } else if let match = text.firstMatch(of: #/^package (?:var|let) `?(\w+)`?:/#), !comment.isEmpty {
                    notes["\(types.map(\.name).joined()).\(match.1)"] = joined(comment)
                }
            }
        }
        return notes
    }

    private static func joined(_ lines: [Substring]) -> String {
        lines.joined(separator: " ").replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }

    static func swift(_ notes: [String: String]) -> String {
        let lines = notes.sorted { $0.key < $1.key }.map { "        \"\($0.key)\":\n            \"\($0.value)\",\n" }
        return """
            /// The documentation comments of the types in the route table. Written from the sources of Domain by
            /// `CAIRN_REGENERATE=1 swift test --filter GatewayTests`; do not edit.
            enum DomainNotes {
                static let text: [String: String] = [
            \(lines.joined())    ]
            }

            """
    }
}
