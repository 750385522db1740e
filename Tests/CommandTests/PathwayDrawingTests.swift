import Domain
import Foundation
import PathwayEngine
import Testing
@testable import Command
#if canImport(FoundationXML)
import FoundationXML
#endif

struct PathwayDrawingTests {
    /// What an XML parser sees.
    private final class Seen: NSObject, XMLParserDelegate {
        var ids: [String] = []
        var texts = 0
        var isWellFormed = false
        var root: [String: String] = [:]
        var outline = ""
        private var element = ""

        init(_ text: String) {
            super.init()
            let parser = XMLParser(data: Data(text.utf8))
            parser.delegate = self
            isWellFormed = parser.parse()
        }

        func parser(
            _: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            if name == "svg" { root = attributes }
            if name == "text" { texts += 1 }
            if let id = attributes["id"] { ids.append(id) }
            element = name
        }

        func parser(_: XMLParser, foundCharacters text: String) { if element == "desc" { outline += text } }
    }

    private func sample(_ name: String) throws -> PathwayDocument {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(repository)/ops/sample/pathways/\(name).json")))
        return try #require(PathwayCheck.read(bytes).document)
    }

    @Test(arguments: ["nursing", "electrician", "early-childhood"], [false, true])
    func `a drawing is well-formed and has each component once, as a box and as a sentence`(
        _ name: String, _ hasLearner: Bool
    ) throws {
        let document = try sample(name)
        let day = CalendarDate("2026-11-22")!
        let standing = NaiveEvaluator.evaluate(document, LearnerFacts(), on: day)
        let svg = PathwaySVG.text(document, standing: hasLearner ? (standing, learner: "A & <B>", on: day) : nil)
        let seen = Seen(svg)
        #expect(seen.isWellFormed && seen.root["role"] == "img" && seen.root["aria-labelledby"] == "title desc")
        #expect(seen.ids.filter { $0.hasPrefix("component-") } == document.components.map { "component-\($0.id)" })
        #expect(document.components.allSatisfy { seen.outline.contains($0.title) })
        #expect(Set(seen.ids).count == seen.ids.count)
        #expect(svg == PathwaySVG.text(document, standing: hasLearner ? (standing, learner: "A & <B>", on: day) : nil))
    }

    /// Layers of random groups over many components.
    private func large(_ count: Int, seed: UInt64) -> PathwayDocument {
        var state = seed
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        var components: [PathwayDocument.Component] = []
        for number in 0..<count {
            let title = (0...random(9)).map { _ in ["Reads", "plans", "measures", "with", "care", "and-a-very-long-word-that-does-not-fit"][random(6)] }
                .joined(separator: " ")
            guard number > count / 2 else {
                components.append(.init(id: "c\(number)", kind: .competency, title: title, target: "urn:x:\(number)"))
                continue
            }
            let operands = (0..<(1 + random(6))).map { _ in PathwayDocument.Condition.Operand.component("c\(random(number))") }
            components.append(.init(id: "c\(number)", kind: .selection, title: title,
                                    condition: .init(random(2) == 0 ? .all : .atLeast(1 + random(operands.count)), of: operands)))
        }
        return PathwayDocument(title: "Large", components: components, destinations: ["c\(count - 1)"])
    }

    @Test(arguments: [1, 2, 50, 400, 1500]) func `no two boxes touch and every line leads to the right`(_ count: Int) {
        let drawing = PathwayDrawing(large(count, seed: 20_261_122), standing: nil)
        let layout = LayeredLayout(sizes: drawing.nodes.map { ($0.width, $0.height) }, edges: drawing.edges, margin: 24)
        let sorted = layout.boxes.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        var overlaps = 0
        for (place, box) in sorted.enumerated() {
            for other in sorted[(place + 1)...] {
                guard other.x < box.x + box.width else { break }
                if other.y < box.y + box.height - 0.001, box.y < other.y + other.height - 0.001 { overlaps += 1 }
            }
        }
        let backward = drawing.edges.count { layout.boxes[$0.from].x + layout.boxes[$0.from].width >= layout.boxes[$0.to].x }
        let outside = layout.boxes.count { $0.x < 0 || $0.y < 0 || $0.x + $0.width > layout.width || $0.y + $0.height > layout.height }
        #expect(layout.boxes.count == drawing.nodes.count && overlaps == 0 && backward == 0 && outside == 0)
    }

    @Test(arguments: [
        ("one two three", 7, ["one two", "three"]), ("abcdefghij", 4, ["abcd", "efgh", "ij"]), ("", 5, [" "]),
        ("日本語の題", 4, ["日本", "語の", "題"]), ("a  b\nc", 10, ["a b c"]),
    ])
    func `titles wrap`(_ text: String, _ width: Int, _ lines: [String]) {
        #expect(PathwayDrawing.wrapped(text, width) == lines)
    }

    @Test func `what XML cannot hold is replaced`() throws {
        var document = try sample("electrician")
        document.components[0].title = "A \u{1} <b> & \"c\" \u{FFFF} ]]>"
        #expect(Seen(PathwaySVG.text(document)).isWellFormed)
    }
}
