import PathwayEngine

/// Writes C for pathways whose leaves are plain targets at levels: straight lines, equal gates once.
struct KernelSource {
    private(set) var text = ""

    /// Column of a target leaf: four for each competency, one for each level.
    static func column(_ leaf: Leaf, of pathway: CompiledPathway) throws -> Int {
        guard case .target(let rule) = leaf, rule.sources.count == 1, let wanted = rule.wanted,
              let competency = BenchPathways.competencies.firstIndex(of: pathway.targets[Int(rule.target)])
        else { throw Failure("the C kernel knows targets at a level only") }
        return competency * 4 + Int(wanted.rank) - 1
    }

    init(_ versions: [(old: CompiledPathway, new: CompiledPathway)]) throws {
        text = "#include \"kernel.h\"\n"
        for (number, pair) in versions.enumerated() {
            var one = KernelFunction("evaluate_\(number)")
            let nodes = try one.add(pair.old)
            one.finish(counts: pair.old.componentNode.map { nodes[Int($0)] })
            var two = KernelFunction("rehearse_\(number)")
            let before = try two.add(pair.old), after = try two.add(pair.new)
            two.compare(pair.old.componentNode.map { before[Int($0)] }, pair.new.componentNode.map { after[Int($0)] },
                        before: pair.old.destinations.map { before[Int($0)] },
                        after: pair.new.destinations.map { after[Int($0)] })
            text += one.text + two.text
        }
    }
}

/// One function: `void name(const uint64_t *columns, size_t words, uint64_t *kept, uint64_t *counts)`.
/// Counted columns are left to the caller, who has their counts already: their entry in `counts` is not written.
struct KernelFunction {
    private let name: String
    private var loads = "", lines = ""
    private var variable: [String: String] = [:]
    private var columns: Set<String> = []
    private var stored: [String: Int] = [:]
    private var order: [String] = []
    private var counters: [(plane: String, entries: [Int])] = []
    private(set) var text = ""

    init(_ name: String) { self.name = name }

    /// The variable of each node.
    mutating func add(_ pathway: CompiledPathway) throws -> [String] {
        var nodes: [String] = []
        for leaf in pathway.leafMeanings {
            let column = try KernelSource.column(leaf, of: pathway), name = "k\(column)"
            if columns.insert(name).inserted {
                loads += "      vector \(name) = *(const vector *)(columns + \(column) * words + p);\n"
            }
            nodes.append(name)
        }
        for gate in pathway.circuit.gates {
            let operands = pathway.circuit.operands[Int(gate.operands.lowerBound)..<Int(gate.operands.upperBound)]
            nodes.append(add(Int(gate.required), operands.map { nodes[Int($0)] }.sorted()))
        }
        return nodes
    }

    private mutating func add(_ required: Int, _ operands: [String]) -> String {
        let key = "\(required):" + operands.joined(separator: ",")
        if let known = variable[key] { return known }
        let name = "g\(variable.count)"
        variable[key] = name
        if required == operands.count {
            lines += "      vector \(name) = \(operands.joined(separator: " & "));\n"
        } else if required == 1 {
            lines += "      vector \(name) = \(operands.joined(separator: " | "));\n"
        } else {
            count(required, operands, name)
        }
        return name
    }

    /// Counts the fewer of met and missing up to what decides.
    private mutating func count(_ required: Int, _ operands: [String], _ name: String) {
        let missing = operands.count - required + 1, bound = min(required, missing)
        let isInverted = missing < required
        let digits = Int.bitWidth - (bound - 1).leadingZeroBitCount, start = (1 << digits) - bound
        lines += "      vector \(name); { vector over = {0}, carry;\n"
        for digit in 0..<digits {
            lines += "        vector d\(digit) = \(start >> digit & 1 == 1 ? "~(vector){0}" : "{0}");\n"
        }
        let planes = operands.map { isInverted ? "~\($0)" : $0 }
        for first in stride(from: 0, to: planes.count, by: 2) {
            let other = first + 1 < planes.count ? planes[first + 1] : "(vector){0}"
            lines += "        carry = add(&d0, \(planes[first]), \(other));\n"
            for digit in 1..<max(1, digits) {
                lines += "        { vector next = d\(digit) & carry; d\(digit) ^= carry; carry = next; }\n"
            }
            lines += "        over |= carry;\n"
        }
        lines += "        \(name) = \(isInverted ? "~over" : "over"); }\n"
    }

    /// Keeps a plane that is not a column, and answers which.
    private mutating func keep(_ plane: String) -> Int? {
        if columns.contains(plane) { return nil }
        if let known = stored[plane] { return known }
        stored[plane] = order.count
        order.append(plane)
        return order.count - 1
    }

    private mutating func count(_ plane: String, entry: Int) {
        guard keep(plane) != nil else { return }
        if let known = counters.firstIndex(where: { $0.plane == plane }) {
            counters[known].entries.append(entry)
        } else {
            counters.append((plane, [entry]))
        }
    }

    mutating func finish(counts planes: [String]) {
        for (entry, plane) in planes.enumerated() { count(plane, entry: entry) }
        write()
    }

    /// Counts for each component old, new, gained, lost; then completion likewise, and learners losing and gaining.
    mutating func compare(_ old: [String], _ new: [String], before: [String], after: [String]) {
        let pairs = Array(zip(old, new)) + [(add(before.count, before.sorted()), add(after.count, after.sorted()))]
        var gained: [String] = [], lost: [String] = []
        for (place, pair) in pairs.enumerated() {
            count(pair.0, entry: place * 4)
            count(pair.1, entry: place * 4 + 1)
            guard pair.0 != pair.1 else { continue }
            lines += "      vector gain\(place) = \(pair.1) & ~\(pair.0), loss\(place) = \(pair.0) & ~\(pair.1);\n"
            gained.append("gain\(place)")
            lost.append("loss\(place)")
            count("gain\(place)", entry: place * 4 + 2)
            count("loss\(place)", entry: place * 4 + 3)
        }
        guard !lost.isEmpty else { return write() }
        lines += "      vector losing = \(lost.joined(separator: " | "));\n"
        lines += "      vector gaining = (\(gained.joined(separator: " | "))) & ~losing;\n"
        count("losing", entry: pairs.count * 4)
        count("gaining", entry: pairs.count * 4 + 1)
        write()
    }

    /// `kept` has a plane for each that is stored; those of gains and losses by component stay in one block's memory.
    private mutating func write() {
        text = "void \(name)(const uint64_t *columns, size_t words, uint64_t *kept, uint64_t *counts) {\n"
        text += "  counter counters[\(counters.count)] = {0};\n"
        text += "  static uint64_t scratch[\(order.count) * BLOCK];\n"
        text += "  for (size_t b = 0; b < words; b += BLOCK) {\n    for (size_t p = b; p < b + BLOCK; p += LANES) {\n"
        text += loads + lines
        var places: [String: String] = [:], keptPlanes = 0
        for (number, plane) in order.enumerated() {
            let isKept = !plane.hasPrefix("gain") && !plane.hasPrefix("loss") || plane == "gaining"
            let place = isKept ? "(kept + \(keptPlanes) * words + b)" : "(scratch + \(number) * BLOCK)"
            if isKept { keptPlanes += 1 }
            places[plane] = place
            text += "      *(vector *)(\(place) + (p - b)) = \(plane);\n"
        }
        text += "    }\n"
        for (number, counter) in counters.enumerated() {
            text += "    count(&counters[\(number)], \(places[counter.plane]!));\n"
        }
        text += "  }\n"
        for (number, counter) in counters.enumerated() {
            for entry in counter.entries { text += "  counts[\(entry)] = total(&counters[\(number)]);\n" }
        }
        text += "}\n"
    }
}
