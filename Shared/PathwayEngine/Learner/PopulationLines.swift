import Domain

/// Reads a population, one learner a line, from pieces of any size; what is held is one line and one piece.
package struct PopulationLines {
    private let next: () throws -> [UInt8]?
    private var piece: [UInt8] = []
    private var at = 0
    private var isAtEnd = false
    /// Lines read so far.
    package private(set) var line = 0

    /// - Parameter next: gives the next piece, nil at the end.
    package init(_ next: @escaping () throws -> [UInt8]?) { self.next = next }

    package init(_ bytes: [UInt8]) {
        var rest: [UInt8]? = bytes
        self.init {
            defer { rest = nil }
            return rest
        }
    }

    /// The learner of the next line that is not blank; nil at the end.
    /// - Throws: `LearnerProblem` with the number of the line, or what `next` throws.
    package mutating func learner() throws -> LearnerFile? {
        while let text = try text() {
            let isBlank = text.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            if !isBlank { return try LearnerFile.read(text, line: line, bytesMax: LearnerFile.Bounds.lineBytes) }
        }
        return nil
    }

    private mutating func text() throws -> [UInt8]? {
        var text: [UInt8] = [], hasText = false
        while true {
            if at == piece.count {
                guard !isAtEnd, let more = try next() else {
                    isAtEnd = true
                    if hasText { line += 1 }
                    return hasText ? text : nil
                }
                piece = more
                at = 0
                continue
            }
            let end = piece[at...].firstIndex(of: UInt8(ascii: "\n"))
            text += piece[at..<(end ?? piece.count)]
            hasText = true
            guard text.count <= LearnerFile.Bounds.lineBytes else {
                throw LearnerProblem(
                    line: line + 1, place: "", rule: "json.too_many_bytes",
                    message: "The line is longer than \(LearnerFile.Bounds.lineBytes) bytes. Is it one learner a line?")
            }
            at = end.map { $0 + 1 } ?? piece.count
            if end != nil {
                line += 1
                if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
                return text
            }
        }
    }
}
