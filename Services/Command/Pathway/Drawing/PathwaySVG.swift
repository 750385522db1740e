import Domain
import PathwayEngine

/// The picture of a pathway as SVG 1.1. Where a learner stands is told three times: by the shape of the mark and the
/// border, by a word, and by color, so that a black-and-white print and every kind of eye can read it. A screen reader
/// gets the same as text.
struct PathwaySVG {
    private let drawing: PathwayDrawing
    private let learner: String?
    private let day: CalendarDate?
    private var out = ""

    /// - Parameters:
    ///   - document: one that the check does not refuse.
    ///   - standing: where somebody stands, with their name and the day; nil draws the pathway alone.
    static func text(
        _ document: PathwayDocument, standing: (PathwayStanding, learner: String, on: CalendarDate)? = nil
    ) -> String {
        var svg = PathwaySVG(PathwayDrawing(document, standing: standing?.0), standing?.learner, standing?.on)
        svg.write()
        return svg.out
    }

    private init(_ drawing: PathwayDrawing, _ learner: String?, _ day: CalendarDate?) {
        self.drawing = drawing
        self.learner = learner
        self.day = day
    }

    private enum Frame {
        static let margin = 24.0
        static let lineHeight = 22.0
        static let legendHeight = 44.0
    }

    private mutating func write() {
        let layout = LayeredLayout(
            sizes: drawing.nodes.map { ($0.width, $0.height) }, edges: drawing.edges, margin: Frame.margin)
        let width = max(layout.width, 640)
        let heading = PathwayDrawing.wrapped(title, max(20, Int((width - 2 * Frame.margin) / 10.5)))
        let top = Frame.margin + Double(heading.count) * Frame.lineHeight + Frame.legendHeight
        let height = top + layout.height
        out += """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" \
            width="\(n(width))" height="\(n(height))" viewBox="0 0 \(n(width)) \(n(height))" \
            font-family="system-ui, sans-serif" font-size="13" fill="#1a1a1a">
            <title id="title">\(x(title))</title>
            <desc id="desc">\(x(PathwayOutline(drawing.document, drawing.standing).lines.joined(separator: "\n")))</desc>
            <rect width="100%" height="100%" fill="#ffffff"/>

            """
        for (number, line) in heading.enumerated() {
            text(line, Frame.margin, Frame.margin + Double(number) * Frame.lineHeight + 14, size: 18, weight: "bold")
        }
        legend(Frame.margin, top - Frame.legendHeight + 8)
        out += "<g transform=\"translate(0 \(n(top - Frame.margin / 2)))\">\n"
        for (number, route) in layout.routes.enumerated() {
            let edge = drawing.edges[number]
            line(route, isMet: drawing.nodes[edge.from].isMet)
        }
        for (number, node) in drawing.nodes.enumerated() {
            switch node.role {
            case .component(let component): box(node, drawing.document.components[component], layout.boxes[number])
            case .joint: joint(node, layout.boxes[number])
            }
        }
        out += "</g>\n</svg>\n"
    }

    private var title: String {
        guard let learner, let day else { return drawing.document.title }
        return "\(drawing.document.title): where \(learner) stands on \(day)"
    }

    // MARK: Parts

    private mutating func line(_ route: [(x: Double, y: Double)], isMet: Bool) {
        guard let first = route.first else { return }
        var path = "M\(n(first.x)) \(n(first.y))"
        for (one, other) in zip(route, route.dropFirst()) {
            let bend = (other.x - one.x) / 2
            path += one.y == other.y ? "H\(n(other.x))"
                : "C\(n(one.x + bend)) \(n(one.y)) \(n(other.x - bend)) \(n(other.y)) \(n(other.x)) \(n(other.y))"
        }
        out += "<path d=\"\(path)\" fill=\"none\" stroke=\"\(isMet ? "#1a1a1a" : "#8a8a8a")\" "
            + "stroke-width=\"\(isMet ? "2" : "1.2")\"/>\n"
    }

    private mutating func joint(_ node: PathwayDrawing.Node, _ box: LayeredLayout.Box) {
        out += "<rect x=\"\(n(box.x))\" y=\"\(n(box.y))\" width=\"\(n(box.width))\" height=\"\(n(box.height))\" rx=\"12\" "
            + "fill=\"\(node.isMet ? "#1a1a1a" : "#ffffff")\" stroke=\"#1a1a1a\" stroke-width=\"1.2\"/>\n"
        for (number, line) in node.lines.enumerated() {
            text(line, box.x + box.width / 2, box.y + 16 + Double(number) * PathwayDrawing.Size.lineHeight,
                 anchor: "middle", fill: node.isMet ? "#ffffff" : "#1a1a1a")
        }
    }

    private mutating func box(
        _ node: PathwayDrawing.Node, _ component: PathwayDocument.Component, _ box: LayeredLayout.Box
    ) {
        let state = drawing.standing?.components[component.id]?.state
        let look = Look(state)
        out += "<g id=\"component-\(x(component.id))\">\n"
        out += "<rect x=\"\(n(box.x))\" y=\"\(n(box.y))\" width=\"\(n(box.width))\" height=\"\(n(box.height))\" "
            + "rx=\"4\" fill=\"\(look.fill)\" stroke=\"\(look.stroke)\" stroke-width=\"\(look.strokeWidth)\""
            + (look.dash.map { " stroke-dasharray=\"\($0)\"" } ?? "") + "/>\n"
        let left = box.x + PathwayDrawing.Size.markWidth
        mark(state, box.x + PathwayDrawing.Size.markWidth / 2, box.y + PathwayDrawing.Size.padding + 9)
        var y = box.y + PathwayDrawing.Size.padding + 13
        for line in node.lines {
            text(line, left, y, weight: state == .met ? "bold" : nil)
            y += PathwayDrawing.Size.lineHeight
        }
        text(state.map(Look.word) ?? component.kind.rawValue, left, y, size: 12, fill: "#3a3a3a", style: "italic")
        out += "</g>\n"
    }

    /// A disk with a check, a half disk, a ring, a ring with a question mark; a small square where nobody stands.
    private mutating func mark(_ state: FulfillmentState?, _ cx: Double, _ cy: Double) {
        let look = Look(state)
        func circle(_ fill: String) -> String {
            "<circle cx=\"\(n(cx))\" cy=\"\(n(cy))\" r=\"9\" fill=\"\(fill)\" stroke=\"\(look.stroke)\" stroke-width=\"2\"/>\n"
        }
        switch state {
        case nil:
            out += "<rect x=\"\(n(cx - 6))\" y=\"\(n(cy - 6))\" width=\"12\" height=\"12\" fill=\"none\" "
                + "stroke=\"\(look.stroke)\" stroke-width=\"1.5\"/>\n"
        case .met:
            out += circle(look.stroke)
            out += "<path d=\"M\(n(cx - 4.5)) \(n(cy))l3.2 3.6l6 -7\" fill=\"none\" stroke=\"#ffffff\" stroke-width=\"2.2\"/>\n"
        case .inProgress:
            out += circle("#ffffff")
            out += "<path d=\"M\(n(cx)) \(n(cy - 9))a9 9 0 0 0 0 18z\" fill=\"\(look.stroke)\"/>\n"
        case .noEvidence: out += circle("#ffffff")
        case .unknown:
            out += circle("#ffffff")
            text("?", cx, cy + 4.5, weight: "bold", anchor: "middle", fill: look.stroke)
        }
    }

    private mutating func legend(_ x: Double, _ y: Double) {
        guard drawing.standing != nil else {
            return text("A small round label says how many of what leads into it are needed. Read from left to right.",
                        x, y + 14, size: 12, fill: "#3a3a3a")
        }
        var x = x
        for state in [FulfillmentState.met, .inProgress, .noEvidence, .unknown] {
            mark(state, x + 9, y + 9)
            text(Look.word(state), x + 26, y + 13.5)
            x += 150
        }
    }

    /// How a state is drawn. Contrast with white is 4.5 or more for each stroke.
    private struct Look {
        var fill = "#ffffff", stroke = "#3a3a3a", strokeWidth = "1.5"
        var dash: String?

        init(_ state: FulfillmentState?) {
            switch state {
            case nil: break
            case .met: (fill, stroke, strokeWidth) = ("#e3f3e6", "#14692f", "3")
            case .inProgress: (fill, stroke) = ("#fff1dc", "#8f4a00")
            case .noEvidence: (stroke, dash) = ("#555555", "5 4")
            case .unknown: (fill, stroke, dash) = ("#efeaf8", "#57359a", "2 3")
            }
        }

        static func word(_ state: FulfillmentState) -> String {
            switch state {
            case .met: "met"
            case .inProgress: "in progress"
            case .noEvidence: "not yet"
            case .unknown: "not known yet"
            }
        }
    }

    // MARK: XML

    private mutating func text(
        _ line: String, _ atX: Double, _ atY: Double, size: Int? = nil, weight: String? = nil, anchor: String? = nil,
        fill: String? = nil, style: String? = nil
    ) {
        let attributes = [
            size.map { "font-size=\"\($0)\"" }, weight.map { "font-weight=\"\($0)\"" },
            anchor.map { "text-anchor=\"\($0)\"" }, fill.map { "fill=\"\($0)\"" }, style.map { "font-style=\"\($0)\"" },
        ].compactMap { $0.map { " " + $0 } }.joined()
        out += "<text x=\"\(n(atX))\" y=\"\(n(atY))\"\(attributes)>\(x(line))</text>\n"
    }

    /// Text for XML 1.0: what it cannot hold at all becomes U+FFFD.
    private func x(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE:
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// To a tenth of a pixel, without `.0`.
    private func n(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? String(Int(tenths)) : String(tenths)
    }
}
