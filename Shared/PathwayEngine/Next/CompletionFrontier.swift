/// The open parts of a `CompletionSearch` and what it has found.
struct CompletionFrontier {
    /// In the order in which they were proven.
    private(set) var found: [ElementSet] = []
    /// After the work ran out: minimal sets that were not proven to be the cheapest.
    private(set) var salvaged: [ElementSet] = []
    private(set) var ending = CompletionSearch.Ending.all

    private let graph: CompletionGraph
    private let limits: CompletionSearch.Limits
    private var bound: CompletionBound
    private var parts: [Part] = []
    private var heap: [Entry] = []
    private var sequence = 0
    private var extraWork = 0

    /// A part that was looked at: its way is one entry of the heap, and the parts without an element of the way take
    /// turns in another.
    private struct Part {
        var acquired: ElementSet
        var excluded: ElementSet
        var way: [Int]
    }

    private struct Entry {
        /// No set in it costs less.
        var cost: Int64
        /// `set`: the acquired elements and the way of the part. `without(n)`: its sets with the way's elements before
        /// n and without element n; n = the length of the way: with all of it, where that alone does not complete.
        var kind: Kind
        var part: Int
        var sequence: Int

        enum Kind {
            case set
            case without(Int)
        }

        /// Sets before parts, the newest part first: deep ones are near to a set.
        func comes(before other: Entry) -> Bool {
            if cost != other.cost { return cost < other.cost }
            switch (kind, other.kind) {
            case (.set, .without): return true
            case (.without, .set): return false
            case (.set, .set): return sequence < other.sequence
            case (.without, .without): return sequence > other.sequence
            }
        }
    }

    init(_ graph: CompletionGraph, _ limits: CompletionSearch.Limits) {
        self.graph = graph
        self.limits = limits
        bound = CompletionBound(graph)
    }

    var work: Int { bound.work + extraWork }

    /// Internal cost that every set which was not found has at the least; nil when there are no others.
    var leastOpen: Int64? { heap.first?.cost }

    /// - Parameter outside: elements that no set may hold.
    mutating func run(without outside: ElementSet? = nil) {
        let nothing = ElementSet(count: graph.elementCount)
        open(nothing, outside ?? nothing, atLeast: 0)
        while let entry = heap.first {
            guard found.count < limits.sets else { ending = .limit; return }
            guard work < limits.work else { ending = .work; return }
            removeFirst()
            switch entry.kind {
            case .set: take(set(of: parts[entry.part]))
            case .without(let turn): open(entry, turn)
            }
        }
    }

    private func set(of part: Part) -> ElementSet {
        var set = part.acquired
        for element in part.way { set.insert(element) }
        return set
    }

    private mutating func take(_ set: ElementSet) {
        count(found.count)
        if !found.contains(where: { $0.isSubset(of: set) }) { found.append(set) }
    }

    private mutating func open(_ entry: Entry, _ turn: Int) {
        let part = parts[entry.part]
        if turn > 0 { push(entry.cost, .without(turn - 1), entry.part) }
        var acquired = part.acquired, excluded = part.excluded
        for element in part.way[..<turn] { acquired.insert(element) }
        if turn < part.way.count { excluded.insert(part.way[turn]) }
        open(acquired, excluded, atLeast: entry.cost)
    }

    private mutating func open(_ acquired: ElementSet, _ excluded: ElementSet, atLeast cost: Int64) {
        var acquired = acquired, excluded = excluded
        var verdict = CompletionBound.Verdict.dead
        // What is found excludes elements, what is excluded forces others, and so on until nothing follows.
        repeat {
            guard avoidFound(acquired, &excluded) else { return }
            let before = (acquired, excluded)
            verdict = bound.look(&acquired, &excluded)
            if found.isEmpty || before == (acquired, excluded) { break }
        } while true
        let held = acquired.members.reduce(0) { $0 + graph.costs[$1] }
        switch verdict {
        case .dead: return
        case .complete:
            parts.append(Part(acquired: acquired, excluded: excluded, way: []))
            push(max(cost, held), .set, parts.count - 1)
        case .open(let least, let way):
            let part = Part(acquired: acquired, excluded: excluded, way: way)
            parts.append(part)
            let lower = max(cost, held + least)
            let isSet = !graph.hasNegation || bound.completes(set(of: part))
            push(lower, .without(isSet ? way.count - 1 : way.count), parts.count - 1)
            if isSet {
                let price = way.reduce(held) { $0 + graph.costs[$1] }
                push(max(lower, price), .set, parts.count - 1)
            }
        }
    }

    /// False when a set that was found is inside `acquired`. Where only one element of it is open, that is excluded.
    private mutating func avoidFound(_ acquired: ElementSet, _ excluded: inout ElementSet) -> Bool {
        count(found.count)
        for set in found where set.isDisjoint(with: excluded) {
            if set.isSubset(of: acquired) { return false }
            if let last = set.onlyMember(outside: acquired) { excluded.insert(last) }
        }
        return true
    }

    /// Bit sets that were gone through count as visits, too.
    private mutating func count(_ sets: Int) {
        extraWork += 8 + (sets + 2) * (graph.elementCount / 64 + 1)
    }
}

extension CompletionFrontier {
    /// After the work ran out: makes minimal sets of the cheapest ways at hand, with as much work again.
    mutating func salvage() {
        let most = work + limits.work
        let ways = heap.filter { if case .set = $0.kind { true } else { false } }
            .sorted { $0.comes(before: $1) }
        for entry in ways.prefix(4 * limits.sets) {
            guard work < most else { return }
            let set = set(of: parts[entry.part])
            guard let minimal = graph.hasNegation ? cheapest(inside: set, most - work) : shrunk(set, most) else {
                continue
            }
            if !found.contains(minimal), !salvaged.contains(minimal) { salvaged.append(minimal) }
        }
    }

    /// Without `none`: what can be dropped one by one, the most expensive first. Nil when the work ran out.
    private mutating func shrunk(_ set: ElementSet, _ most: Int) -> ElementSet? {
        var set = set
        for element in set.members.sorted(by: { (graph.costs[$0], $0) > (graph.costs[$1], $1) }) {
            guard work < most else { return nil }
            set.remove(element)
            if !bound.completes(set) { set.insert(element) }
        }
        return set
    }

    /// With `none`, no single step tells; the cheapest completing set inside is minimal. Nil when the work ran out.
    private mutating func cheapest(inside set: ElementSet, _ most: Int) -> ElementSet? {
        var inner = CompletionFrontier(graph, .init(sets: 1, work: most))
        var outside = ElementSet(count: graph.elementCount)
        for element in 0..<graph.elementCount where !set.contains(element) { outside.insert(element) }
        inner.run(without: outside)
        extraWork += inner.work
        return inner.found.first
    }
}

extension CompletionFrontier {
    private mutating func push(_ cost: Int64, _ kind: Entry.Kind, _ part: Int) {
        sequence += 1
        heap.append(Entry(cost: cost, kind: kind, part: part, sequence: sequence))
        var child = heap.count - 1
        while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].comes(before: heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
