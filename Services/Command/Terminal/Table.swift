/// Columns as wide as their widest cell.
struct Table {
    enum Side { case left, right }

    private let sides: [Side]
    private var rows: [[String]]

    init(_ columns: [(String, Side)]) {
        sides = columns.map(\.1)
        rows = [columns.map(\.0)]
    }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The heading first.
    var lines: [String] {
        let widths = sides.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                return sides[column] == .left ? cell + gap : gap + cell
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
