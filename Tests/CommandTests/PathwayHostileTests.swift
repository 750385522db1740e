import Domain
import Foundation
import PathwayEngine
import Support
import Testing
@testable import Command

/// Files that nobody wrote in good faith: each verb answers, in bounded time, and says what is wrong.
struct PathwayHostileTests {
    private static let learner = #"{"learner": "L", "attainments": []}"#

    private static func components(_ count: Int, _ condition: (Int) -> String) -> String {
        let list = (0..<count).map { #"{"id":"c\#($0)","kind":"basic","title":"T","target":"urn:x:\#($0)"\#(condition($0))}"# }
        return #"{"format":"cairn-pathway/1","title":"P","components":[\#(list.joined(separator: ","))],"destinations":["c0"]}"#
    }

    private static func nested(_ depth: Int) -> String {
        let open = String(repeating: #"{"require":"all","of":["#, count: depth), close = String(repeating: "]}", count: depth)
        return components(1) { _ in #","condition":\#(open)"c0"\#(close)"# }
    }

    static let verbs = ["check", "explain", "next", "compare", "rehearse", "draw", "convert"]

    /// With the pathway `p.json`, the learner `l.json` and the population `all.jsonl` of a folder.
    private static func arguments(_ verb: String, _ folder: Scratch.Folder) -> [String] {
        switch verb {
        case "check", "draw", "convert": [verb, folder["p.json"]]
        case "compare": [verb, folder["p.json"], folder["p.json"], "--learner", folder["l.json"]]
        case "rehearse": [verb, folder["p.json"], folder["p.json"], "--population", folder["all.jsonl"]]
        default: [verb, folder["p.json"], "--learner", folder["l.json"]]
        }
    }

    /// An answer, or a problem with a name and a sentence; nothing else, and not late.
    private static func answer(_ verb: String, _ text: String) throws -> (code: Int32, words: String) {
        let folder = try Scratch.Folder(["p.json": text, "l.json": learner, "all.jsonl": learner])
        let clock = ContinuousClock(), began = clock.now
        // Generous: the machine may be busy. What grows with the square of the file would take minutes.
        defer { #expect(began.duration(to: clock.now) < .seconds(20)) }
        do {
            let answer = try ask(arguments(verb, folder))
            #expect((0...2).contains(answer.code) && answer.lines.allSatisfy { $0.utf8.count < 100_000 })
            return (answer.code, answer.lines.joined(separator: "\n"))
        } catch let problem as PathwayProblem {
            #expect(!problem.message.isEmpty && !problem.rule.isEmpty)
            return (2, problem.line)
        }
    }

    private static let files: [(name: String, text: @Sendable () -> String)] = [
        ("a hundred thousand components", { components(100_000) { _ in "" } }),
        ("a chain of ten thousand components", { components(10_000) { $0 < 9_999 ? #","condition":{"require":"all","of":["c\#($0 + 1)"]}"# : "" } }),
        ("a ring of ten thousand components", { components(10_000) { #","condition":{"require":"all","of":["c\#(($0 + 1) % 10_000)"]}"# } }),
        ("a million operands", {
            components(1) { _ in #","condition":{"require":"any","of":[\#(String(repeating: "\"c0\",", count: 999_999))"c0"]}"# }
        }),
        ("conditions ten thousand deep", { nested(10_000) }),
        ("conditions sixty-one deep", { nested(61) }),
        ("arrays ten thousand deep", { String(repeating: "[", count: 10_000) }),
        ("duplicate ids", { components(3) { _ in "" }.replacingOccurrences(of: "c1", with: "c0") }),
        ("wrong types", { #"{"format":"cairn-pathway/1","title":7,"components":{},"destinations":"c0"}"# }),
        ("a repeated member", { #"{"format":"cairn-pathway/1","format":"cairn-pathway/1"}"# }),
        ("nothing", { "" }), ("zeros", { String(repeating: "\0", count: 1000) }),
        ("choices that multiply", {
            components(120) { number in
                number < 60 ? #","condition":{"require":"all","of":[{"require":"any","of":["c\#(60 + number)","c\#(60 + (number + 1) % 60)"]}\#(number < 59 ? ",\"c\(number + 1)\"" : "")]}"# : ""
            }
        }),
    ]

    @Test(arguments: files.map(\.name), verbs)
    func `it is answered`(_ name: String, _ verb: String) throws {
        let text = try #require(Self.files.first { $0.name == name }).text()
        _ = try Self.answer(verb, text)
    }

    /// What is too much, with how much may be.
    private static let limits: [(name: String, says: String)] = [
        ("a hundred thousand components", "10000"), ("a million operands", "100000"), ("conditions ten thousand deep", "128"),
        ("conditions sixty-one deep", "60"), ("arrays ten thousand deep", "128"),
    ]

    @Test(arguments: limits, verbs)
    func `what is too much hears the limit`(_ limit: (name: String, says: String), _ verb: String) throws {
        let text = try #require(Self.files.first { $0.name == limit.name }).text()
        let (code, words) = try Self.answer(verb, text)
        #expect(code > 0 && words.replacingOccurrences(of: " ", with: "").contains(limit.says), "\(words.prefix(400))")
    }

    private static let samples = ["samples", "malformed-upstream"].flatMap { folder -> [String] in
        let below = "standards/ctdl/\(folder)"
        let found = SharedFiles.root.flatMap { FileManager.default.enumerator(atPath: "\($0.path)/\(below)") }
        let names = found?.compactMap { $0 as? String }.filter { $0.contains(".json") } ?? []
        return names.sorted().map { "\(below)/\($0)" }
    }

    @Test(.needsShared("standards/ctdl/samples"), arguments: verbs)
    func `every published sample is answered, whole, cut off and with other types in it`(_ verb: String) throws {
        var random = SplitMix64(seed: 11)
        print("seed 11")
        for path in Self.samples {
            let text = String(decoding: try SharedFiles.bytes(path), as: UTF8.self)
            _ = try Self.answer(verb, text)
            _ = try Self.answer(verb, String(text.prefix(Int.random(in: 0..<max(1, text.count), using: &random))))
            // Every string, number or bracket of the file may become something else.
            var words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            for _ in 0..<3 {
                let place = words.indices.randomElement(using: &random)!
                guard let colon = words[place].lastIndex(of: ":") else { continue }
                words[place] = words[place][...colon] + ["null", "7", "{}", "[]", "\"x\"", "[[{}]]"].randomElement(using: &random)!
            }
            _ = try Self.answer(verb, words.joined(separator: ","))
        }
    }

    @Test func `a learner of a million attainments is refused`() throws {
        let one = #"{"target":"urn:x:1","from":"2026-01-01"}"#
        let learner = #"{"learner":"L","attainments":[\#(Array(repeating: one, count: 100_000).joined(separator: ","))]}"#
        let folder = try Scratch.Folder(["p.json": Self.components(1) { _ in "" }, "l.json": learner])
        let problem = #expect(throws: PathwayProblem.self) {
            try ask(["explain", folder["p.json"], "--learner", folder["l.json"]])
        }
        #expect(["json.too_many_values", "member.value"].contains(problem?.rule))
    }
}
