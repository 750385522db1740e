/// Which number each blank node gets: RDFC-1.0 §4.4, with the hash of neighborhoods (§4.8) where first degree hashes
/// are not enough.
struct CanonicalNaming {
    var lines: QuadLines
    let hash: RDFCanonicalization.Hash
    let workMax: Int
    private var work = 0
    private var firstDegree: [[UInt8]] = []
    private var canonical = IssuedNames(prefix: "_:c14n")

    /// Neighborhoods within each other; each takes about a kilobyte of stack.
    private static let depthMax = 256

    init(lines: QuadLines, hash: RDFCanonicalization.Hash, workMax: Int) {
        self.lines = lines
        self.hash = hash
        self.workMax = workMax
    }

    /// By node, the number in its canonical label.
    mutating func numbers() throws(LinkedDataError) -> [Int] {
        let count = lines.blanks.count
        // Names do not depend on hashes when there is one node to name.
        if count <= 1 { return Array(repeating: 0, count: count) }
        hashFirstDegrees()
        let sorted = (0..<count).sorted {
            firstDegree[$0].lexicographicallyPrecedes(firstDegree[$1])
        }
        var alike: [[Int]] = []
        var place = 0
        while place < count {
            var next = place + 1
            while next < count, firstDegree[sorted[next]] == firstDegree[sorted[place]] { next += 1 }
            if next == place + 1 { _ = canonical.name(sorted[place]) } else { alike.append(Array(sorted[place..<next])) }
            place = next
        }
        for nodes in alike { try name(nodes) }
        return (0..<count).map { canonical.number(of: $0) ?? 0 }
    }

    private mutating func hashFirstDegrees() {
        var hasRepeated = false
        var room = TextLines()
        let nodes = lines.blanks.indices
        firstDegree = nodes.map { node in
            let found = lines.firstDegreeText(of: node, in: &room)
            hasRepeated = hasRepeated || found.hasRepeated
            return hash.hex(of: found.text)
        }
        guard hasRepeated else { return }
        lines.dropRepeated()
        firstDegree = nodes.map { hash.hex(of: lines.firstDegreeText(of: $0, in: &room).text) }
    }

    /// Nodes with one first degree hash, in the order of what lies around them.
    private mutating func name(_ nodes: [Int]) throws(LinkedDataError) {
        var found: [Neighborhood] = []
        for node in nodes where canonical.number(of: node) == nil {
            var names = IssuedNames(prefix: "_:b")
            _ = names.name(node)
            found.append(try neighborhood(of: node, names, depth: 0))
        }
        for neighborhood in found.sorted(by: { $0.hash.lexicographicallyPrecedes($1.hash) }) {
            for node in neighborhood.names.order { _ = canonical.name(node) }
        }
    }

    private struct Neighborhood {
        var hash: [UInt8]
        var names: IssuedNames
    }

    /// RDFC-1.0 §4.8.
    private mutating func neighborhood(
        of node: Int, _ given: IssuedNames, depth: Int
    ) throws(LinkedDataError) -> Neighborhood {
        guard depth < Self.depthMax else { throw tooMuch("blank nodes nested deeper than \(Self.depthMax)") }
        var names = given
        var data: [UInt8] = []
        for related in try relatedNodes(of: node, names) {
            data += related.hash
            var chosen: (path: [UInt8], names: IssuedNames)?
            var order = related.nodes.sorted()
            repeat {
                try spend(1 + (names.order.count + order.count) / 16)
                if let found = try path(through: order, names, shorterThan: chosen?.path, depth: depth) { chosen = found }
            } while Self.advance(&order)
            guard let chosen else { continue }
            data += chosen.path
            names = chosen.names
        }
        try spend(1 + data.count / 1024)
        return Neighborhood(hash: hash.hex(of: data), names: names)
    }

    /// The path that one order of the related nodes gives; nil when it cannot come before the one in hand.
    private mutating func path(
        through order: [Int], _ given: IssuedNames, shorterThan best: [UInt8]?, depth: Int
    ) throws(LinkedDataError) -> (path: [UInt8], names: IssuedNames)? {
        var names = given
        var path: [UInt8] = []
        var open: [Int] = []
        for node in order {
            if let number = canonical.number(of: node) {
                path += canonical.text(number)
            } else {
                if names.number(of: node) == nil { open.append(node) }
                path += names.name(node)
            }
            if let best, Self.isBehind(path, best) { return nil }
        }
        for node in open {
            let inner = try neighborhood(of: node, names, depth: depth + 1)
            names = inner.names
            path += names.name(node)
            path.append(UInt8(ascii: "<"))
            path += inner.hash
            path.append(UInt8(ascii: ">"))
            if let best, Self.isBehind(path, best) { return nil }
        }
        if let best, !path.lexicographicallyPrecedes(best) { return nil }
        return (path, names)
    }

    private static func isBehind(_ path: [UInt8], _ best: [UInt8]) -> Bool {
        path.count >= best.count && best.lexicographicallyPrecedes(path)
    }

    /// Nodes beside this one, grouped by what relates them (§4.7), in the order of those hashes.
    private mutating func relatedNodes(
        of node: Int, _ names: IssuedNames
    ) throws(LinkedDataError) -> [(hash: [UInt8], nodes: [Int])] {
        var groups: [[UInt8]: [Int]] = [:]
        for place in lines.linesOfNode[node] {
            let line = lines.lines[place]
            for slot in line.slots.map({ lines.slots[$0] }) where slot.node != node {
                try spend(1)
                groups[relationHash(slot, line, names), default: []].append(slot.node)
            }
        }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    }

    private func relationHash(_ slot: QuadLines.Slot, _ line: QuadLines.Line, _ names: IssuedNames) -> [UInt8] {
        var input: [UInt8] = [slot.position.rawValue]
        if slot.position != .graph { input += lines.bytes[line.predicate] }
        if let number = canonical.number(of: slot.node) {
            input += canonical.text(number)
        } else if let number = names.number(of: slot.node) {
            input += names.text(number)
        } else {
            input += firstDegree[slot.node]
        }
        return hash.hex(of: input)
    }

    /// The next order of the same nodes in lexicographic sequence; false when it was the last.
    private static func advance(_ order: inout [Int]) -> Bool {
        guard order.count > 1,
              let pivot = order.indices.dropLast().last(where: { order[$0] < order[$0 + 1] }),
              let successor = order.indices.last(where: { order[$0] > order[pivot] })
        else { return false }
        order.swapAt(pivot, successor)
        order[(pivot + 1)...].reverse()
        return true
    }

    private mutating func spend(_ units: Int) throws(LinkedDataError) {
        work += units
        guard work <= workMax else { throw tooMuch("more than \(workMax) hashes to tell blank nodes apart") }
    }

    private func tooMuch(_ what: String) -> LinkedDataError {
        LinkedDataError(rule: "rdfc.work_limit", message: "Canonicalization was given up: it needs \(what).")
    }
}

/// The identifier issuer of RDFC-1.0 §4.5.
struct IssuedNames {
    let prefix: [UInt8]
    /// Nodes in the order of their numbers.
    private(set) var order: [Int] = []
    private var numbers: [Int: Int] = [:]

    init(prefix: String) { self.prefix = Array(prefix.utf8) }

    func number(of node: Int) -> Int? { numbers[node] }

    func text(_ number: Int) -> [UInt8] { prefix + Array(String(number).utf8) }

    mutating func name(_ node: Int) -> [UInt8] {
        if let number = numbers[node] { return text(number) }
        numbers[node] = order.count
        order.append(node)
        return text(order.count - 1)
    }
}
