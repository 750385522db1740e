import Domain
import Foundation
import LinkedData
import Support
import Testing

/// One case of the W3C suite for JSON-LD 1.1.
struct JSONLDCase: Sendable, CustomTestStringConvertible {
    var id: String
    var name: String
    var input: String
    var expect: String?
    var errorCode: String?
    var option: JSONValue

    var testDescription: String { "\(id) \(name)" }

    static let folder = "standards/json-ld-1.1"
    static let baseIRI = "https://w3c.github.io/json-ld-api/tests/"

    /// Without those that are `unsupported`.
    static func load(_ manifest: String) -> [JSONLDCase] {
        guard let bytes = try? SharedFiles.bytes("\(folder)/\(manifest)"),
              let document = try? JSONValue.parse(bytes, limits: .file) else { return [] }
        return (document["sequence"]?.array ?? []).compactMap { entry in
            guard let id = entry["@id"]?.text, let input = entry["input"]?.text, unsupported[id] == nil
            else { return nil }
            return JSONLDCase(
                id: id, name: entry["name"]?.text ?? "", input: input, expect: entry["expect"]?.text,
                errorCode: entry["expectErrorCode"]?.text, option: entry["option"] ?? [:])
        }
    }

    static func read(_ path: String) throws -> JSONValue {
        try JSONValue.parse(try SharedFiles.bytes("\(folder)/\(path)"), limits: .file)
    }

    var processor: JSONLDProcessor {
        get throws {
            var options = JSONLDOptions()
            options.isSafe = false
            options.base = option["base"]?.text ?? Self.baseIRI + input
            if option["processingMode"]?.text == "json-ld-1.0" || option["specVersion"]?.text == "json-ld-1.0" {
                options.mode = .jsonLD10
            }
            if let path = option["expandContext"]?.text { options.expandContext = try Self.read(path) }
            switch option["rdfDirection"]?.text {
            case "i18n-datatype": options.rdfDirection = .i18nDatatype
            case "compound-literal": options.rdfDirection = .compoundLiteral
            default: break
            }
            options.producesGeneralizedRDF = option["produceGeneralizedRdf"]?.bool ?? false
            return JSONLDProcessor(contexts: SuiteFiles(), options: options)
        }
    }

    /// The rule that the module gives for an error code of the specification.
    var rule: String? {
        errorCode.map { code in
            let text = code.lowercased().replacing("@", with: "").replacing("-", with: "_").replacing(" ", with: "_")
            return "jsonld.\(text)"
        }
    }
}

/// Contexts of the suite that cases name by their published address.
struct SuiteFiles: ContextSource {
    func document(at url: String) -> JSONValue? {
        guard url.hasPrefix(JSONLDCase.baseIRI) else { return nil }
        let path = String(url.dropFirst(JSONLDCase.baseIRI.count))
        if let document = try? JSONLDCase.read(path) { return document }
        return suiteContexts[path] ?? suiteContexts[String(path.drop { $0 != "/" }.dropFirst())]
    }
}

/// Cases that the module does not pass, by name and reason; `docs/linked-data.md` has the same list.
let unsupported = [
    "#tnt01": "the strict JSON reader refuses U+0000, which the case has in a literal",
]

@Suite(.needsShared(JSONLDCase.folder)) struct JSONLDSuiteTests {
    @Test(arguments: JSONLDCase.load("expand-manifest.jsonld"))
    func expansion(_ test: JSONLDCase) throws {
        let document = try JSONLDCase.read(test.input)
        let processor = try test.processor
        guard let expect = test.expect else {
            let error = #expect(throws: LinkedDataError.self) { try processor.expand(document) }
            #expect(error?.rule == test.rule)
            return
        }
        let expanded = try processor.expand(document)
        let expected = try JSONLDCase.read(expect)
        #expect(Sorted.text(expanded) == Sorted.text(expected))
    }

    @Test(arguments: JSONLDCase.load("toRdf-manifest.jsonld"))
    func `to RDF`(_ test: JSONLDCase) throws {
        let document = try JSONLDCase.read(test.input)
        let processor = try test.processor
        if test.errorCode != nil {
            let error = #expect(throws: LinkedDataError.self) { try processor.dataset(document) }
            #expect(error?.rule == test.rule)
            return
        }
        let dataset = try processor.dataset(document)
        guard let expect = test.expect else { return }
        let expected = try SharedFiles.bytes("\(JSONLDCase.folder)/\(expect)")
        if test.option["produceGeneralizedRdf"]?.bool == true {
            // Generalized RDF cannot be canonicalized; the case names its blank nodes as we do.
            func lines(_ bytes: [UInt8]) -> [String] {
                Set(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)).sorted()
            }
            #expect(lines(NQuads.serialize(dataset)) == lines(expected))
            return
        }
        let canonical = try RDFCanonicalization.canonicalize(dataset).nquads
        let wanted = try RDFCanonicalization.canonicalize(try NQuads.parse(expected)).nquads
        #expect(String(decoding: canonical, as: UTF8.self) == String(decoding: wanted, as: UTF8.self))
    }
}

/// Arrays other than lists and JSON literals have no order in JSON-LD.
enum Sorted {
    static func text(_ value: JSONValue, keepsOrder: Bool = false) -> String {
        switch value {
        case .array(let elements):
            let texts = elements.map { text($0) }
            return "[" + (keepsOrder ? texts : texts.sorted()).joined(separator: ", ") + "]"
        case .object(let object):
            let members = object.members.map { member in
                let keeps = member.name == "@list" || member.name == "@value"
                return "\"\(member.name)\": \(text(member.value, keepsOrder: keeps))"
            }
            return "{" + members.sorted().joined(separator: ", ") + "}"
        default: return String(decoding: value.serialized(), as: UTF8.self)
        }
    }
}
