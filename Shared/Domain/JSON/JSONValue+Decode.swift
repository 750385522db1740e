import Foundation

extension JSONValue {
    /// What to do with members that the type never asked for.
    package enum UnknownMembers: Sendable {
        /// Commands: a misspelled or smuggled member must not be dropped in silence.
        case refused
        case ignored
    }

    /// Decodes a `Decodable` from this value. A type that decodes `JSONValue` gets the subtree verbatim, and everything
    /// below it counts as known.
    /// - Throws: `.invalid`. Codable stops at the first member that fails, so there is one violation (`member.missing`,
    ///   `member.type` or `member.value`), or else one `member.unknown` for each unknown member, at most 50.
    package func decode<T: Decodable>(
        _ type: T.Type = T.self, unknownMembers: UnknownMembers = .refused
    ) throws(Fault) -> T {
        let root = DecodingNode(self, at: nil)
        let value: T
        do { value = try root.decode(type) } catch { throw Fault(decoding: error) }
        if unknownMembers == .refused {
            var violations: [Fault.Violation] = []
            root.addUnknown(to: &violations)
            guard violations.isEmpty else { throw Fault(.invalid, Fault.correctMembers, violations: violations) }
        }
        return value
    }
}

extension Fault {
    fileprivate init(decoding error: any Error) {
        if let placed = error as? PlacedFault {
            self = placed.fault
            return
        }
        let violation = (error as? DecodingError)?.violation
            ?? Violation("", "member.value", "is not acceptable")
        self.init(.invalid, Fault.correctMembers, violations: [violation])
    }
}

/// A fault from a type's own `init(from:)`, its pointers made to begin at the root; only once, however deep it was.
private struct PlacedFault: Error {
    let fault: Fault
}

extension DecodingError {
    fileprivate var violation: Fault.Violation {
        switch self {
        case .keyNotFound(let key, let context):
            Fault.Violation((context.codingPath + [key]).pointer, "member.missing", "is required")
        case .valueNotFound(_, let context):
            Fault.Violation(context.codingPath.pointer, "member.missing", "is required")
        case .typeMismatch(_, let context):
            // Only our own containers write "must be …"; other texts may name types of ours.
            Fault.Violation(
                context.codingPath.pointer, "member.type",
                context.debugDescription.hasPrefix("must") ? context.debugDescription : "is not of the expected form")
        case .dataCorrupted(let context):
            Fault.Violation(context.codingPath.pointer, "member.value", context.debugDescription)
        @unknown default:
            Fault.Violation("", "member.value", "is not acceptable")
        }
    }
}

extension [any CodingKey] {
    fileprivate var pointer: String {
        reduce("") { JSONPointer.appending($1.stringValue, to: $0) }
    }
}

/// One value under decoding, with what has been asked of it. Asking twice (a type that tries two forms) meets the same
/// node, so that a member counts as known when any of the forms knows it.
final class DecodingNode {
    let value: JSONValue
    private let path: DecodingPath?
    private var asked: Set<String> = []
    private var elementsTaken = 0
    private var isTakenWhole = false
    private var children: [Step: DecodingNode] = [:]

    enum Step: Hashable {
        case name(String)
        case index(Int)

        var key: TextKey {
            switch self {
            case .name(let name): TextKey(name)
            case .index(let index): TextKey(String(index))
            }
        }
    }

    init(_ value: JSONValue, at path: DecodingPath?) {
        self.value = value
        self.path = path
    }

    var codingPath: [any CodingKey] {
        var keys: [any CodingKey] = []
        var here = path
        while let step = here {
            keys.append(step.key)
            here = step.above
        }
        return keys.reversed()
    }

    func ask(_ name: String) { asked.insert(name) }
    func take(element index: Int) { elementsTaken = max(elementsTaken, index + 1) }

    func takeWhole() -> JSONValue {
        isTakenWhole = true
        return value
    }

    func child(_ value: JSONValue, _ step: Step) -> DecodingNode {
        if let known = children[step] { return known }
        let child = DecodingNode(value, at: DecodingPath(key: step.key, above: path))
        children[step] = child
        return child
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let plain = Self.plain(value, as: type) { return plain }
        if type == UUID.self { return try decodeUUID(as: type) }
        if type == Decimal.self, let number = value.number, let found = Decimal(string: number.text) as? T {
            return found
        }
        do { return try type.init(from: TreeDecoder(node: self)) } catch let error as DecodingError {
            throw Self.speakable(error, for: type)
        } catch let fault as Fault {
            var fault = fault
            let here = codingPath.pointer
            fault.violations = fault.violations.map { .init(here + $0.pointer, $0.rule, $0.message) }
            throw PlacedFault(fault: fault)
        } catch let placed as PlacedFault {
            throw placed
        } catch {
            throw corrupted("is not acceptable")
        }
    }

    /// Strings and booleans need no decoder of their own.
    static func plain<T: Decodable>(_ value: JSONValue, as type: T.Type) -> T? {
        switch value {
        case .string(let text): text as? T
        case .bool(let bool): bool as? T
        default: nil
        }
    }

    private func decodeUUID<T>(as _: T.Type) throws -> T {
        guard case .string(let text) = value else { throw mismatch(UUID.self, "a UUID") }
        guard let uuid = UUID(text: text) as? T else { throw corrupted("must be a UUID") }
        return uuid
    }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        .typeMismatch(type, .init(
            codingPath: codingPath, debugDescription: "must be \(expected), not \(value.kind)"))
    }

    func corrupted(_ message: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: message))
    }

    /// The standard library's own texts name our types; a caller gets the values it may send instead.
    private static func speakable<T>(_ error: DecodingError, for type: T.Type) -> DecodingError {
        guard case .dataCorrupted(let context) = error else { return error }
        let message: String
        if context.debugDescription.hasPrefix("Cannot initialize ") {
            let allowed = (type as? any CaseIterable.Type).map { rawValues($0) } ?? []
            message = allowed.isEmpty || allowed.count > 30
                ? "is not one of the values allowed here"
                : "must be one of: \(allowed.joined(separator: ", "))"
        } else if context.debugDescription.hasPrefix("Could not convert key ") {
            message = "is not a name allowed here"
        } else {
            return error
        }
        return .dataCorrupted(.init(codingPath: context.codingPath, debugDescription: message))
    }

    private static func rawValues<C: CaseIterable>(_: C.Type) -> [String] {
        C.allCases.compactMap { ($0 as? any RawRepresentable).map { "\($0.rawValue)" } }
    }

    /// Adds what nobody asked for, in the order of the text.
    func addUnknown(to violations: inout [Fault.Violation]) {
        guard !isTakenWhole, violations.count < 50 else { return }
        switch value {
        case .object(let object):
            for member in object.members {
                guard asked.contains(member.name) else {
                    add(member.name, to: &violations)
                    continue
                }
                children[.name(member.name)]?.addUnknown(to: &violations)
            }
        case .array(let elements):
            if elementsTaken < elements.count { add(String(elementsTaken), to: &violations) }
            guard !children.isEmpty else { return }
            for index in elements.indices { children[.index(index)]?.addUnknown(to: &violations) }
        default: break
        }
    }

    private func add(_ token: String, to violations: inout [Fault.Violation]) {
        violations.append(Fault.Violation(
            JSONPointer.appending(token, to: codingPath.pointer), "member.unknown", "is not known here"))
    }
}

/// The way to a node. Only upward, so that a decoder may outlive its parent.
final class DecodingPath {
    let key: TextKey
    let above: DecodingPath?

    init(key: TextKey, above: DecodingPath?) {
        self.key = key
        self.above = above
    }
}
