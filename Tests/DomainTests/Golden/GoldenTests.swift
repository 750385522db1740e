import Domain
import Foundation
import Testing

/// `CAIRN_REGENERATE=1` writes the files that these tests hold against the code.
private let regenerates = ProcessInfo.processInfo.environment["CAIRN_REGENERATE"] == "1"

/// What travels between processes of different builds and lies in databases for years. A file that changes here is a
/// change of what older builds and events already recorded mean: see `Tests/Fixtures/README.md` before regenerating.
@Suite struct `Golden wire files` {
    static let folder = Repository.root.appending(path: "Tests/Fixtures/wire")

    static func file(_ name: String) -> URL { folder.appending(path: "\(name).json") }

    /// What the golden files are named after; `fetch_events` has a binary form that `FeedWireTests` hold.
    static let expected: Set<String> = {
        let requests = AuthorizationMatrix.rows.keys.compactMap(goldenName)
        return Set(requests).union(EventCatalog.entries.map(\.type.text))
    }()

    /// Every service answers some requests about itself in one form; nil for what is not JSON.
    static func goldenName(_ request: RequestName) -> String? {
        let verb = request.text.dropFirst(request.service.count + 1)
        switch verb {
        case "fetch_events": return nil
        case "list_parked", "release_parked": return "any.\(verb)"
        default: return request.text
        }
    }

    @Test func `every request and event has one sample, and no sample is of anything else`() {
        let names = GoldenTable.all.map(\.name)
        #expect(Set(names).symmetricDifference(Self.expected) == [])
        #expect(Dictionary(grouping: names, by: \.self).filter { $0.value.count > 1 }.isEmpty)
    }

    /// A member without a value is not in the file, so nothing would notice its renaming.
    @Test func `a sample fills every member`() {
        #expect(GoldenTable.all.flatMap { $0.parts.flatMap(\.empty) } == [])
    }

    @Test func `every sample is written byte for byte as Foundation writes it`() {
        let different = GoldenTable.all.flatMap { sample in
            sample.parts.filter { $0.encoded != $0.byFoundation }.map { "\(sample.name) \($0.label)" }
        }
        #expect(different == [])
    }

    @Test(arguments: GoldenTable.all)
    func `a file is what this build writes, and reading it loses nothing`(_ sample: GoldenSample) throws {
        let members = try sample.parts.map { ($0.label, try JSONValue.parse($0.encoded)) }
        if regenerates { try Self.write(members, to: Self.file(sample.name)) }
        let kept = try JSONValue.parse(Array(try Data(contentsOf: Self.file(sample.name))))
        for (part, (label, value)) in zip(sample.parts, members) {
            let inFile = try #require(kept[label], "\(sample.name).json has no \(label)")
            #expect(text(inFile) == text(value), "\(label): run with CAIRN_REGENERATE=1 and look at the difference")
            for again in try part.rewritten(inFile.serialized()) {
                #expect(text(try JSONValue.parse(again)) == text(inFile), "\(label): reading and writing again changes it")
            }
        }
        #expect(kept.object?.names.count == members.count)
    }

    @Test func `no file is left over`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(files).subtracting(Self.expected.map { "\($0).json" }) == [])
    }

    private func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }

    private static func write(_ members: [(String, JSONValue)], to file: URL) throws {
        let bytes = JSONValue.object(JSONObject(members.sorted { $0.0 < $1.0 })).serialized()
        let object = try JSONSerialization.jsonObject(with: Data(bytes))
        try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            .write(to: file)
    }
}

/// The checkout that these tests were built in.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All Swift sources below a folder, one after the other.
    static func sources(below path: String, where isWanted: (URL) -> Bool = { _ in true }) throws -> String {
        let found = FileManager.default.enumerator(at: root.appending(path: path), includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL } ?? []
        return try found.filter { $0.pathExtension == "swift" && isWanted($0) }.sorted { $0.path < $1.path }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }
}
