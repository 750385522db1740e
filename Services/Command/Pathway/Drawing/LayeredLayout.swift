/// Places boxes in columns so that every line leads to the right and no two boxes touch (after Sugiyama, Tagawa and
/// Toda, 1981: layers, order within layers, positions). The same graph gives the same picture.
struct LayeredLayout {
    struct Box: Hashable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double
    }

    /// As many as there are nodes, in their order.
    private(set) var boxes: [Box] = []
    /// For each edge the points that its line passes, from the right side of one box to the left side of the other.
    private(set) var routes: [[(x: Double, y: Double)]] = []
    private(set) var width = 0.0
    private(set) var height = 0.0

    private static let columnGap = 46.0
    private static let rowGap = 14.0
    private static let laneHeight = 4.0
    private static let sweeps = 6
    /// Lines over many columns get lanes of their own only while there are so few.
    private static let lanesMax = 40_000

    /// A node, or the lane of a line that passes through a column.
    private struct Item {
        var width: Double
        var height: Double
        var layer: Int
        var y = 0.0
    }

    private var items: [Item] = []
    private var layers: [[Int]] = []
    private var before: [[Int]] = []
    private var after: [[Int]] = []

    /// - Parameters:
    ///   - sizes: width and height of each node.
    ///   - edges: without cycles; each leads to a column further right.
    ///   - margin: free space around everything.
    init(sizes: [(width: Double, height: Double)], edges: [(from: Int, to: Int)], margin: Double) {
        let layer = Self.layers(count: sizes.count, edges)
        items = zip(sizes, layer).map { Item(width: $0.width, height: $0.height, layer: $1) }
        var chains: [[Int]] = []
        var lanes = 0
        for edge in edges {
            var chain = [edge.from]
            let span = layer[edge.to] - layer[edge.from]
            if span > 1, lanes + span - 1 <= Self.lanesMax {
                lanes += span - 1
                for between in (layer[edge.from] + 1)..<layer[edge.to] {
                    chain.append(items.count)
                    items.append(Item(width: 0, height: Self.laneHeight, layer: between))
                }
            }
            chains.append(chain + [edge.to])
        }
        connect(chains)
        order()
        place()
        finish(chains, nodes: sizes.count, margin: margin)
    }

    /// As far right as what needs it allows; what nothing needs stands right after all that it needs, and the longest
    /// way gives the number of columns.
    private static func layers(count: Int, _ edges: [(from: Int, to: Int)]) -> [Int] {
        var after = [[Int]](repeating: [], count: count), waiting = [Int](repeating: 0, count: count)
        for edge in edges {
            after[edge.from].append(edge.to)
            waiting[edge.to] += 1
        }
        var layer = [Int](repeating: 0, count: count), order: [Int] = []
        var open = Array((0..<count).filter { waiting[$0] == 0 }.reversed())
        while let node = open.popLast() {
            order.append(node)
            for next in after[node] {
                layer[next] = max(layer[next], layer[node] + 1)
                waiting[next] -= 1
                if waiting[next] == 0 { open.append(next) }
            }
        }
        for node in order.reversed() where !after[node].isEmpty {
            layer[node] = (after[node].map { layer[$0] }.min() ?? 1) - 1
        }
        return layer
    }

    private mutating func connect(_ chains: [[Int]]) {
        before = Array(repeating: [], count: items.count)
        after = before
        for chain in chains {
            for (one, other) in zip(chain, chain.dropFirst()) {
                after[one].append(other)
                before[other].append(one)
            }
        }
        layers = Array(repeating: [], count: (items.map(\.layer).max() ?? -1) + 1)
        for (number, item) in items.enumerated() { layers[item.layer].append(number) }
    }

    /// Within a column by the mean place of the neighbors, from left to right and back, which keeps crossings few.
    private mutating func order() {
        var rank = [Double](repeating: 0, count: items.count)
        func renumber(_ layer: [Int]) { for (place, item) in layer.enumerated() { rank[item] = Double(place) / Double(max(1, layer.count)) } }
        for layer in layers { renumber(layer) }
        for sweep in 0..<Self.sweeps {
            let isRightward = sweep % 2 == 1
            for number in isRightward ? Array(layers.indices) : layers.indices.reversed() {
                let keys = layers[number].map { item -> Double in
                    let neighbors = isRightward ? before[item] : after[item]
                    guard !neighbors.isEmpty else { return rank[item] }
                    return neighbors.reduce(0) { $0 + rank[$1] } / Double(neighbors.count)
                }
                let sorted = layers[number].indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
                layers[number] = sorted.map { layers[number][$0] }
                renumber(layers[number])
            }
        }
    }

    /// Each as near as may be to the middle of its neighbors, in order and apart.
    private mutating func place() {
        for layer in layers { settle(layer, wanting: layer.map { _ in 0 }) }
        for sweep in 0..<(2 * Self.sweeps) {
            let isRightward = sweep % 2 == 0
            for layer in isRightward ? layers : layers.reversed() {
                settle(layer, wanting: layer.map { item in
                    let neighbors = isRightward ? before[item] : after[item]
                    let others = neighbors.isEmpty ? (isRightward ? after[item] : before[item]) : neighbors
                    guard !others.isEmpty else { return items[item].y }
                    return others.reduce(0) { $0 + items[$1].y } / Double(others.count)
                })
            }
        }
    }

    /// The nearest places (least squares) to those wanted for the middles, no two overlapping: neighbors that would are
    /// merged into a block that moves as one.
    private mutating func settle(_ layer: [Int], wanting wanted: [Double]) {
        var offsets: [Double] = [], offset = 0.0
        for (place, item) in layer.enumerated() {
            if place > 0 { offset += (items[layer[place - 1]].height + items[item].height) / 2 + Self.rowGap }
            offsets.append(offset)
        }
        var blocks: [(sum: Double, count: Int)] = []
        for (place, middle) in wanted.enumerated() {
            blocks.append((middle - offsets[place], 1))
            while blocks.count > 1, case let last = blocks[blocks.count - 1], case let previous = blocks[blocks.count - 2],
                  previous.sum / Double(previous.count) > last.sum / Double(last.count) {
                blocks.removeLast(2)
                blocks.append((previous.sum + last.sum, previous.count + last.count))
            }
        }
        var place = 0
        for block in blocks {
            for _ in 0..<block.count {
                items[layer[place]].y = block.sum / Double(block.count) + offsets[place]
                place += 1
            }
        }
    }

    private mutating func finish(_ chains: [[Int]], nodes: Int, margin: Double) {
        var columns: [(x: Double, width: Double)] = [], x = margin
        for layer in layers {
            let width = layer.map { items[$0].width }.max() ?? 0
            columns.append((x, width))
            x += width + Self.columnGap
        }
        width = max(2 * margin, x - Self.columnGap + margin)
        let top = items.map { $0.y - $0.height / 2 }.min() ?? 0
        for number in items.indices { items[number].y += margin - top }
        height = (items.map { $0.y + $0.height / 2 }.max() ?? 0) + margin
        func middle(_ item: Int) -> Double { columns[items[item].layer].x + columns[items[item].layer].width / 2 }
        boxes = items.prefix(nodes).enumerated().map { number, item in
            Box(x: middle(number) - item.width / 2, y: item.y - item.height / 2, width: item.width, height: item.height)
        }
        routes = chains.map { chain in
            var route: [(x: Double, y: Double)] = []
            for (place, item) in chain.enumerated() {
                let column = columns[items[item].layer], y = items[item].y
                if place == 0 {
                    route.append((boxes[item].x + boxes[item].width, y))
                } else if place == chain.count - 1 {
                    route.append((boxes[item].x, y))
                } else {
                    route.append((column.x, y))
                    route.append((column.x + column.width, y))
                }
            }
            return route
        }
    }
}
