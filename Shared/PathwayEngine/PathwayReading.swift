import Domain

extension PathwayCheck {
    /// A file of a pathway: 64 MiB, 4 000 000 values; deep enough for conditions nested `Bounds.depth` deep.
    package static let fileLimits = JSONLimits(
        bytesMax: 64 << 20, depthMax: 128, membersMax: 10_000, valuesMax: 4_000_000)

    /// Reads and checks a file in one go. The document is nil when it could not be read, and then there is at least
    /// one refusal, with the line and column for what is no JSON (`json.…`) and the place for what is no pathway
    /// (`member.…`); otherwise the findings are those of `check`.
    package static func read(_ bytes: [UInt8]) -> (document: PathwayDocument?, findings: [PathwayFinding]) {
        do {
            let value = try JSONValue.parse(bytes, limits: fileLimits)
            let document = try value.decode(PathwayDocument.self)
            return (document, check(document))
        } catch let error as JSONError {
            let (line, column) = position(of: error.offset, in: bytes)
            let message = "Line \(line), column \(column): \(error.message)"
            return (nil, [PathwayFinding(.refused, error.pointer, error.rule, message)])
        } catch let fault as Fault {
            return (nil, fault.violations.map(PathwayFinding.init(unreadable:)))
        } catch {
            return (nil, [PathwayFinding(.refused, "", "json.malformed", "This cannot be read.")])
        }
    }

    /// Both from 1; columns count bytes.
    private static func position(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (line, before.count - start + 1)
    }
}

extension PathwayFinding {
    /// Violations of decoding are written to follow the name of a member: `must be a string, not a number`.
    fileprivate init(unreadable violation: Fault.Violation) {
        let isFragment = violation.message.first?.isLowercase ?? true
        self.init(.refused, violation.pointer, violation.rule,
                  isFragment ? "This \(violation.message)." : violation.message)
    }
}
