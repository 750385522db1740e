import Foundation

/// Quads as canonical N-Quads whose blank nodes are left open, so that a line is written once and named many times.
struct QuadLines: QuadSink {
    enum Position: UInt8 {
        case subject = 0x73, object = 0x6F, graph = 0x67
    }

    /// A blank node that stands at `offset` in `bytes`.
    struct Slot {
        var offset: Int
        var node: Int
        var position: Position
    }

    struct Line {
        var start: Int
        var end: Int
        var predicate: Range<Int>
        var slots: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    private(set) var lines: [Line] = []
    private(set) var slots: [Slot] = []
    /// The given numbers of the blank nodes; a node is a place in this list.
    private(set) var blanks: [Int] = []
    /// Lines that name a node, by node; a line that does so twice comes once.
    private(set) var linesOfNode: [[Int]] = []
    private var nodes: [Int: Int] = [:]

    init() {
        bytes.reserveCapacity(8192)
        lines.reserveCapacity(64)
    }

    mutating func add(
        _ subject: QuadTerm, _ predicate: QuadTerm, _ object: QuadTerm, in graph: QuadTerm?
    ) throws(LinkedDataError) {
        guard case .iri = predicate else {
            throw LinkedDataError(rule: "rdfc.predicate", message: "A predicate must be an IRI.")
        }
        let start = bytes.count, firstSlot = slots.count
        append(subject, .subject)
        bytes.append(0x20)
        let predicateStart = bytes.count
        append(predicate, .subject)
        let predicate = predicateStart..<bytes.count
        bytes.append(0x20)
        append(object, .object)
        if let graph {
            bytes.append(0x20)
            append(graph, .graph)
        }
        bytes.append(contentsOf: NQuads.end)
        lines.append(Line(start: start, end: bytes.count, predicate: predicate, slots: firstSlot..<slots.count))
    }

    private mutating func append(_ term: QuadTerm, _ position: Position) {
        switch term {
        case .iri(let iri): NQuads.append(iri: iri, to: &bytes)
        case .literal(let text, let datatype, let language):
            NQuads.append(literal: text, datatype: datatype, language: language, to: &bytes)
        case .blank(let number):
            let node = node(number)
            slots.append(Slot(offset: bytes.count, node: node, position: position))
            if linesOfNode[node].last != lines.count { linesOfNode[node].append(lines.count) }
        }
    }

    private mutating func node(_ blank: Int) -> Int {
        if let known = nodes[blank] { return known }
        nodes[blank] = blanks.count
        blanks.append(blank)
        linesOfNode.append([])
        return blanks.count - 1
    }

    /// Writes a line with `name` putting what stands for each blank node.
    @inline(__always)
    func write(_ line: Line, to target: inout [UInt8], name: (Int, inout [UInt8]) -> Void) {
        var from = line.start
        for place in line.slots {
            let slot = slots[place]
            if slot.offset > from { Self.copy(bytes, from..<slot.offset, to: &target) }
            name(slot.node, &target)
            from = slot.offset
        }
        Self.copy(bytes, from..<line.end, to: &target)
    }

    @inline(__always)
    private static func copy(_ bytes: [UInt8], _ range: Range<Int>, to target: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { target.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// All lines with the canonical labels, in code point order, each once.
    func sorted(naming numbers: [Int]) -> [UInt8] {
        let names = numbers.map { Array("_:c14n\($0)".utf8) }
        var text = TextLines()
        text.reserve(bytes: bytes.count + slots.count * 10, lines: lines.count)
        for line in lines {
            text.append { target in write(line, to: &target) { node, out in out.append(contentsOf: names[node]) } }
        }
        return text.sortedOnce()
    }

    /// The lines of a node in the form that RDFC-1.0 §4.6 hashes: the node is `_:a`, every other `_:z`. Quads may look
    /// alike in it and still differ; `hasRepeated` says that one was given twice.
    /// - Parameter text: room to work in, reused from node to node.
    func firstDegreeText(of node: Int, in text: inout TextLines) -> (text: [UInt8], hasRepeated: Bool) {
        text.clear()
        for place in linesOfNode[node] {
            text.append { target in
                write(lines[place], to: &target) { other, out in
                    out.append(0x5F)
                    out.append(0x3A)
                    out.append(other == node ? 0x61 : 0x7A)
                }
            }
        }
        let order = text.order()
        var hasRepeated = false
        var alike: Set<[Int]> = []
        for (previous, next) in zip(order, order.dropFirst()) {
            guard text.isSame(previous, next) else {
                if !alike.isEmpty { alike = [] }
                continue
            }
            if alike.isEmpty { alike.insert(nodes(of: linesOfNode[node][previous])) }
            if !alike.insert(nodes(of: linesOfNode[node][next])).inserted { hasRepeated = true }
        }
        return (text.joined(order), hasRepeated)
    }

    private func nodes(of line: Int) -> [Int] { lines[line].slots.map { slots[$0].node } }

    /// Keeps the first of each quad. Only lines with blank nodes need it before they are named.
    mutating func dropRepeated() {
        var seen: Set<[UInt8]> = []
        var kept: Set<Int> = []
        for (place, line) in lines.enumerated() where !line.slots.isEmpty {
            var key: [UInt8] = []
            write(line, to: &key) { node, out in out.append(contentsOf: "_:\(node)".utf8) }
            if seen.insert(key).inserted { kept.insert(place) }
        }
        for node in linesOfNode.indices { linesOfNode[node].removeAll { !kept.contains($0) } }
    }
}

/// Lines in one buffer, to be sorted by their bytes without being copied about.
struct TextLines {
    private var bytes: [UInt8] = []
    private var ranges: [Range<Int>] = []

    mutating func reserve(bytes count: Int, lines: Int) {
        bytes.reserveCapacity(count)
        ranges.reserveCapacity(lines)
    }

    /// Empties it, keeping the room.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        ranges.append(start..<bytes.count)
    }

    /// Places of the lines, sorted by code point.
    func order() -> [Int] {
        bytes.withUnsafeBytes { all in
            ranges.indices.sorted { Self.compare(all[ranges[$0]], all[ranges[$1]]) < 0 }
        }
    }

    func isSame(_ one: Int, _ other: Int) -> Bool {
        bytes.withUnsafeBytes { Self.compare($0[ranges[one]], $0[ranges[other]]) == 0 }
    }

    func joined(_ order: [Int]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        bytes.withUnsafeBufferPointer { all in
            for place in order { text.append(contentsOf: UnsafeBufferPointer(rebasing: all[ranges[place]])) }
        }
        return text
    }

    /// Sorted, each line once.
    func sortedOnce() -> [UInt8] {
        let order = order()
        var kept: [Int] = []
        kept.reserveCapacity(order.count)
        for place in order {
            if let last = kept.last, isSame(last, place) { continue }
            kept.append(place)
        }
        return joined(kept)
    }

    private static func compare(_ one: Slice<UnsafeRawBufferPointer>, _ other: Slice<UnsafeRawBufferPointer>) -> Int {
        let left = UnsafeRawBufferPointer(rebasing: one), right = UnsafeRawBufferPointer(rebasing: other)
        guard let from = left.baseAddress, let to = right.baseAddress else { return left.count - right.count }
        let difference = memcmp(from, to, min(left.count, right.count))
        return difference == 0 ? left.count - right.count : Int(difference)
    }
}
