import Domain
import EventLog
import Storage
import Foundation
import Support
import Testing
@testable import Pathways

@Suite struct FrameworkTests {
    static let real = "standards/case-1.1/packages/real"
    static let time: JSONValue = "2026-01-02T03:04:05Z"

    /// A package of our own: items in a row, the second and later ones below the first.
    static func package(
        _ document: UUID = UUID(), title: String = "Trades", items: [(id: UUID, uri: String)]
    ) -> JSONValue {
        func link(_ id: UUID) -> JSONValue {
            ["title": "t", "identifier": .string(id.text), "uri": .string("https://example.org/\(id.text)")]
        }
        let associations: [JSONValue] = items.enumerated().reversed().map { number, item in
            [
                "identifier": .string(UUID.derived("association", item.id.text).text), "uri": "https://example.org/a",
                "associationType": "isChildOf", "originNodeURI": link(item.id),
                "destinationNodeURI": link(number == 0 ? document : items[0].id),
                "sequenceNumber": .number(JSONNumber(Int64(number))), "lastChangeDateTime": time,
            ]
        }
        return [
            "CFDocument": [
                "identifier": .string(document.text), "uri": "https://example.org/d", "creator": "We",
                "title": .string(title), "lastChangeDateTime": time,
            ],
            "CFItems": .array(items.map { item in
                [
                    "identifier": .string(item.id.text), "uri": .string(item.uri), "fullStatement": "Can weld.",
                    "lastChangeDateTime": time,
                ]
            }),
            "CFAssociations": .array(associations),
        ]
    }

    static func items(_ count: Int) -> [(id: UUID, uri: String)] {
        (0..<count).map { (UUID(), "https://example.org/items/\($0)") }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the same content is the same framework, other content of the document its next version`() async throws {
        try await withPathways { pathways in
            let document = UUID(), items = Self.items(3)
            func importing(_ title: String, key: String = UUID().text) async throws -> ImportFramework.Reply {
                try await pathways.ask(
                    pathways.importing, ImportFramework(package: Self.package(document, title: title, items: items)),
                    as: .operator, key: key)
            }
            let replies = try await withThrowingTaskGroup(of: ImportFramework.Reply.self) { group in
                for number in 0..<8 { group.addTask { try await importing(number.isMultiple(of: 2) ? "A" : "B") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.filter(\.imported).map(\.version).sorted() == [1, 2])
            #expect(Set(replies.map(\.framework)).count == 2)
            let third = try await importing("C", key: "k")
            #expect(third.version == 3 && third.imported && third.items == 3)
            #expect(try await importing("C", key: "k") == third)
            #expect(try await pathways.count("SELECT count(*) FROM framework_item") == 9)
            #expect(try await pathways.events(of: third.framework.uuid) == ["framework_published"])

            let list = ListFrameworkItemsHandler(frameworks: pathways.frameworks)
            let query = ListFrameworkItems(framework: third.framework, limit: 2)
            let page = try await pathways.ask(list, query, as: .learner(.make()))
            let rest = try await pathways.ask(
                list, ListFrameworkItems(framework: third.framework, limit: 2, cursor: page.next), as: .operator)
            #expect((page.items + rest.items).map(\.uri) == items.map(\.uri))
            #expect((page.items + rest.items).map(\.parent) == [nil, items[0].id.target, items[0].id.target])
            #expect((page.items + rest.items).map(\.sequence) == [0, 1, 2] && rest.next == nil)
            for cursor in ["", "AA", "?", String(repeating: "A", count: 80)] {
                #expect(await rule {
                    try await pathways.ask(
                        list, ListFrameworkItems(framework: third.framework, cursor: cursor), as: .operator)
                } == "cursor")
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a package in parts is imported when all are there, and a repeat hears the first answer`() async throws {
        try await withPathways { pathways in
            let bytes = Self.package(items: Self.items(1200)).serialized()
            let upload = EntityID<Upload>.make(), size = 100_000
            let parts = stride(from: 0, to: bytes.count, by: size).map { Data(bytes[$0..<min($0 + size, bytes.count)]) }
            func stage(_ part: Int, _ content: Data? = nil, of count: Int = parts.count) async -> String {
                await rule {
                    try await pathways.ask(
                        StageUploadHandler(uploads: pathways.uploads),
                        StageUpload(upload: upload, part: part, of: count,
                                    content: (content ?? parts[part]).base64EncodedString()), as: .operator)
                }
            }
            let command = ImportFramework(upload: upload)
            #expect(await rule { try await pathways.ask(pathways.importing, command, as: .operator) }
                    == "upload.incomplete")
            for part in parts.indices.dropFirst() { #expect(await stage(part) == "none") }
            #expect(await stage(1) == "none")
            #expect(await [
                stage(1, Data("other".utf8)), stage(1, of: 90), stage(parts.count, Data()), stage(0, of: 129),
                stage(0, Data(count: UploadStore.partBytesMax + 1)),
            ] == ["upload.part", "upload.parts", "upload.part", "upload.parts", "upload.content"])
            let incomplete = await #expect(throws: Fault.self) {
                try await pathways.ask(pathways.importing, command, as: .operator)
            }
            #expect(incomplete?.message.contains("1 are missing: 0") == true)
            #expect(await stage(0) == "none")

            let first = try await pathways.ask(pathways.importing, command, as: .operator, key: "k")
            #expect(first.imported && first.items == 1200)
            #expect(try await pathways.ask(pathways.importing, command, as: .operator, key: "k") == first)
            #expect(try await pathways.ask(pathways.importing, command, as: .operator).imported == false)
            #expect(try await pathways.count("SELECT count(*) FROM upload_part") == 0)
            #expect(await rule {
                try await pathways.ask(pathways.importing, ImportFramework(), as: .operator)
            } == "framework.source")
            #expect(await rule {
                try await pathways.ask(pathways.importing, command, as: .learner(.make()))
            } == "forbidden")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an answer counts every repair and shows some of each rule`() async throws {
        try await withPathways { pathways in
            guard case .object(var package) = Self.package(items: Self.items(1200)),
                  case .array(let items)? = package["CFItems"] else { return }
            package["CFItems"] = .array(items.map { item in
                guard case .object(var object) = item else { return item }
                object["language"] = "eng"
                return .object(object)
            })
            package["CFDefinitions"] = []
            let wrapped: JSONValue = ["CFPackage": .object(package)]
            for isFirst in [true, false] {
                let reply = try await pathways.ask(
                    pathways.importing, ImportFramework(package: wrapped), as: .operator)
                #expect(reply.imported == isFirst && reply.repairCounts == [
                    RepairCount(rule: "case.blank", count: 1), RepairCount(rule: "case.language", count: 1200),
                    RepairCount(rule: "case.schema_wrapper", count: 1),
                ])
                #expect(Dictionary(grouping: reply.repairs, by: \.rule).mapValues(\.count)
                    == ["case.blank": 1, "case.language": 333, "case.schema_wrapper": 1])
            }
        }
    }

    @Test(.needsShared(Self.real), .timeLimit(.minutes(2)))
    func `every real package is imported once, however often it is sent`() async throws {
        try await withPathways { pathways in
            for file in SharedFiles.jsonFiles(below: Self.real) {
                let bytes = try SharedFiles.bytes(file)
                var replies: [ImportFramework.Reply] = []
                for _ in 0..<2 {
                    let upload = EntityID<Upload>.make(), size = UploadStore.partBytesMax
                    let starts = Array(stride(from: 0, to: bytes.count, by: size))
                    for (part, start) in starts.enumerated() {
                        let content = Data(bytes[start..<min(start + size, bytes.count)]).base64EncodedString()
                        _ = try await pathways.ask(
                            StageUploadHandler(uploads: pathways.uploads),
                            StageUpload(upload: upload, part: part, of: starts.count, content: content), as: .operator)
                    }
                    replies.append(try await pathways.ask(
                        pathways.importing, ImportFramework(upload: upload), as: .operator))
                }
                #expect(replies.map(\.imported) == [true, false] && replies[0].framework == replies[1].framework)
                let id = replies[0].framework
                #expect(try await pathways.count("SELECT count(*) FROM framework_item WHERE framework = \(id)")
                        == replies[0].items, "\(file)")
                if file.hasSuffix("ccss-math-2010.json") { #expect(replies[0].items == 746) }
                // What was kept reads as what was imported.
                let kept: [PostgresJSON] = try await pathways.log.reader.query("""
                    SELECT body FROM framework_document WHERE framework = \(id)
                    """).map { try $0.decode(PostgresJSON.self) }
                let again = try CasePackage.read(JSONValue.parse(kept[0].bytes, limits: .file)).package
                #expect(again.frameworkID(digest: again.digest) == id, "\(file)")
            }
        }
    }
}
