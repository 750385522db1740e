import Domain
import LinkedData
import Support
import Testing

struct RDFCCase: Sendable, CustomTestStringConvertible {
    var id: String
    var name: String
    var input: String
    /// Absent where the dataset must be refused.
    var result: String?
    var isMap: Bool
    var hash: RDFCanonicalization.Hash

    var testDescription: String { "\(id) \(name)" }

    static let folder = "standards/rdfc-1.0"

    /// Cases whose files are here.
    static let all: [RDFCCase] = {
        guard let bytes = try? SharedFiles.bytes("\(folder)/manifest.jsonld"),
              let manifest = try? JSONValue.parse(bytes, limits: .file) else { return [] }
        return (manifest["entries"]?.array ?? []).compactMap { entry in
            guard let id = entry["id"]?.text, let action = entry["action"]?.text else { return nil }
            func path(_ text: String) -> String { "\(folder)/\(text.replacing("rdfc10/", with: ""))" }
            let test = RDFCCase(
                id: id, name: entry["name"]?.text ?? "", input: path(action),
                result: entry["result"]?.text.map(path), isMap: entry["type"]?.text == "rdfc:RDFC10MapTest",
                hash: entry["hashAlgorithm"]?.text == "SHA384" ? .sha384 : .sha256)
            let files = [test.input] + (test.result.map { [$0] } ?? [])
            return files.allSatisfy(SharedFiles.exists) ? test : nil
        }
    }()
}

@Suite(.needsShared(RDFCCase.folder)) struct RDFCanonicalizationTests {
    @Test(arguments: RDFCCase.all)
    func vector(_ test: RDFCCase) throws {
        let dataset = try NQuads.parse(try SharedFiles.bytes(test.input))
        guard let result = test.result else {
            let error = #expect(throws: LinkedDataError.self) {
                try RDFCanonicalization.canonicalize(dataset, hash: test.hash)
            }
            #expect(error?.rule == "rdfc.work_limit")
            return
        }
        let canonical = try RDFCanonicalization.canonicalize(dataset, hash: test.hash)
        let expected = try SharedFiles.bytes(result)
        if test.isMap {
            let map = try JSONValue.parse(expected).object?.members.map { ($0.name, $0.value.text ?? "") } ?? []
            #expect(canonical.labels == Dictionary(uniqueKeysWithValues: map))
        } else {
            #expect(String(decoding: canonical.nquads, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
        }
    }
}
