import Domain
import Foundation
@testable import Gateway
import Support
import Testing

@Suite struct `The AsyncAPI document` {
    static let document = AsyncAPIDocument.make()
    static let feedTypes = [
        "notifications.backfill_started", "notifications.backfill_completed", "notifications.withheld",
        "notifications.retraction",
    ]

    @Test func `tells of every type that can leave, and of none that cannot`() {
        #expect(AsyncAPIDocument.events.map { $0.type }.sorted() == EventCatalog.subscribable)
        let told = Self.document["components"]?["messages"]?.object?.names ?? []
        #expect(Set(told) == Set(EventCatalog.subscribable.map(\.text) + Self.feedTypes))
        for channel in ["webhook", "feed"] {
            #expect(Self.document["channels"]?[channel]?["messages"]?.object?.names == told)
        }
    }

    @Test(arguments: EventCatalog.subscribable) func `tells of the disclosed members and no others`(_ type: EventType) throws {
        let entry = try #require(EventCatalog[type])
        let data = try #require(Self.own(type.text)?["properties"]?["data"])
        let properties = try #require(data["properties"]?.object)
        #expect(properties.names == entry.disclosed)
        #expect(Set(properties.members.filter { $0.value["description"] != nil }.map(\.name)) == entry.pairwise)
        let required = data["required"]?.array?.compactMap(\.text) ?? []
        #expect(required.allSatisfy { entry.disclosed.contains($0) })
    }

    @Test func `a retraction names ids and places, and what is withheld has no data`() {
        #expect(Self.own("notifications.retraction")?["properties"]?["data"]?["required"] == ["purpose", "events", "sequences"])
        #expect(Self.own("notifications.backfill_completed")?["properties"]?["data"]?["required"] == ["count"])
        #expect(Self.own("notifications.withheld")?["properties"]?.object?.names == ["type"])
    }

    /// What a message says beyond its envelope.
    static func own(_ type: String) -> JSONValue? {
        document["components"]?["messages"]?[type]?["payload"]?["allOf"]?.array?.last
    }

    @Test func `refers to nothing that is not there`() {
        let text = String(decoding: Self.document.serialized(), as: UTF8.self)
        let references = Set(text.matches(of: #/"\$ref":"(#[^"]+)"/#).map { String($0.1) })
        #expect(references.count > 20)
        for reference in references {
            let found = reference.dropFirst(2).split(separator: "/").reduce(JSONValue?.some(Self.document)) { $0?[String($1)] }
            #expect(found != nil, "\(reference)")
        }
    }

    @Test func `the checked-in copy is this one`() throws {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/asyncapi.json")
        if ProcessInfo.processInfo.environment["CAIRN_REGENERATE"] == "1" {
            let object = try JSONSerialization.jsonObject(with: Data(Self.document.serialized()))
            try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
                .write(to: file)
        }
        let kept = try JSONValue.parse(Array(try Data(contentsOf: file)), limits: .file)
        #expect(kept == Self.document, "run with CAIRN_REGENERATE=1 and look at the difference")
    }

    @Test(.needsShared("standards/asyncapi-3/3.0.0.schema.json"))
    func `is valid by the schema of AsyncAPI, and its payloads take what we send`() throws {
        guard try Self.python("import jsonschema").status == 0 else { try Test.cancel("Python's jsonschema is not installed") }
        let folder = try Scratch.Folder()
        try folder.put("schema.json", SharedFiles.bytes("standards/asyncapi-3/3.0.0.schema.json"))
        try folder.put("document.json", Self.document.serialized())
        let result = try Self.python("""
            import json, sys, jsonschema
            schema, document = (json.load(open(path)) for path in sys.argv[1:3])
            problems = [e.message[:300] for e in jsonschema.Draft7Validator(schema).iter_errors(document)]
            assert not problems, problems
            def problem(event):
                payload = document["components"]["messages"][event["type"]]["payload"]
                whole = {**payload, "components": document["components"]}
                return next((e.message for e in jsonschema.Draft7Validator(whole).iter_errors(event)), None)
            own = {"specversion": "1.0", "id": "01990000-0000-7000-8000-000000000001", "source": "/cairn/local/notifications",
                   "type": "notifications.withheld", "sequence": "3"}
            assert problem(own) is None, problem(own)
            event = {**own, "type": "records.attainment_voided", "source": "/cairn/local/records", "subject": own["id"],
                     "partitionkey": own["id"], "time": "2026-11-21T21:35:00Z", "effectivetime": "2026-11-21T21:35:00Z",
                     "datacontenttype": "application/json",
                     "dataschema": "https://api.example/schemas/records.attainment_voided/1",
                     "data": {"attainment": own["id"], "target": "urn:x"}}
            assert problem(event) is None, problem(event)
            assert problem({**event, "data": {"target": "urn:x"}}), "a required member was missing"
            assert problem({**event, "sequence": 3}), "a sequence is a string"
            """, [folder["schema.json"], folder["document.json"]])
        #expect(result.status == 0, "\(result.output.suffix(2000))")
    }

    private static func python(_ script: String, _ arguments: [String] = []) throws -> (status: Int32, output: String) {
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
