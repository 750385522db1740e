import Domain

/// A JSON-LD text as nodes with values, whatever way it was nested: embedded nodes stand on their own, and what is said
/// of one `@id` in several places is said of one node. Contexts are not fetched (`CTDLVocabulary`).
struct CTDLGraph: Sendable {
    struct Node: Sendable {
        /// As written; `_:` and a number for one without.
        var id: String
        /// RFC 6901 pointer to where it was met first.
        var place: String
        /// Names of its classes without namespace.
        var types: [String] = []
        /// By term, in the order of the file, without repeats.
        var values: [String: [Value]] = [:]
        /// The terms in the order of the file.
        var terms: [String] = []
    }

    enum Value: Hashable, Sendable {
        /// A plain string is text or the address of a node; the property says which.
        case text(String, language: String?)
        case number(JSONNumber)
        case bool(Bool)
        case node(String)
    }

    private(set) var nodes: [Node] = []
    private var index: [String: Int] = [:]
    /// By the last part of the id, which for a registry resource is its ctid: `graph/ce-…` and `resources/ce-…`.
    private var byCTID: [String: Int] = [:]
    private let vocabulary: CTDLVocabulary

    /// - Parameter value: an object with `@graph`, one node, an array of either, or a registry's envelope.
    init(_ value: JSONValue) {
        let roots = Self.roots(of: value)
        vocabulary = CTDLVocabulary(contexts: roots.compactMap { $0.value["@context"] })
        var open = roots.reversed().map { (object: $0.value, id: nil as String?, place: $0.place) }
        while let next = open.popLast() { open += take(next.object, id: next.id, at: next.place).reversed() }
        for (number, node) in nodes.enumerated() {
            let ctid = node.values["ctid"]?.first?.text ?? CTDLVocabulary.last(node.id)
            if ctid.hasPrefix("ce-"), byCTID[ctid] == nil { byCTID[ctid] = number }
        }
    }

    subscript(id: String) -> Node? { number(of: id).map { nodes[$0] } }

    /// By the id as written, or by the ctid in it.
    func number(of id: String) -> Int? { index[id] ?? byCTID[CTDLVocabulary.last(id)] }

    /// What a reference means: the id of the node it names, or the address itself, written out.
    func resolved(_ id: String) -> String { number(of: id).map { nodes[$0].id } ?? vocabulary.expanded(id) }

    /// The objects that hold nodes, with their places.
    private static func roots(of value: JSONValue) -> [(value: JSONValue, place: String)] {
        var roots: [(value: JSONValue, place: String)] = [], open = [(value, "")]
        while let (value, place) = open.popLast() {
            switch value {
            case .array(let elements):
                open += elements.enumerated().reversed().map { ($1, JSONPointer.appending($0, to: place)) }
            case .object(let object):
                if let inner = object["decoded_resource"] {
                    open.append((inner, place + "/decoded_resource"))
                } else {
                    roots.append((value, place))
                }
            default: break
            }
        }
        return roots
    }

    /// Adds one object; what is embedded in it is given back to be taken next.
    private mutating func take(
        _ value: JSONValue, id given: String?, at place: String
    ) -> [(object: JSONValue, id: String?, place: String)] {
        guard let object = value.object else { return [] }
        var embedded: [(object: JSONValue, id: String?, place: String)] = []
        var members: [(term: String, values: [Value])] = []
        var id = given, types: [String] = [], isNode = given != nil
        for member in object.members {
            let here = JSONPointer.appending(member.name, to: place)
            switch vocabulary.term(member.name) {
            case "@context": break
            case "@graph":
                embedded += Self.list(member.value, here).map { ($0.value, nil, $0.place) }
            case "@id": id = id ?? member.value.text
            case "@type":
                isNode = true
                types += Self.list(member.value, here).compactMap { $0.value.text.map(vocabulary.term) }
            case let term:
                isNode = true
                members.append((term, Self.list(member.value, here).flatMap { self.value(of: $0.value, $0.place, &embedded) }))
            }
        }
        // The envelope around an `@graph` has an id of its own and says nothing else.
        guard isNode else { return embedded }
        let number = node(id ?? "_:node-\(nodes.count + 1)", at: place)
        for type in types where !nodes[number].types.contains(type) { nodes[number].types.append(type) }
        for (term, values) in members { add(values, as: term, to: number) }
        return embedded
    }

    private mutating func node(_ id: String, at place: String) -> Int {
        if let known = index[id] { return known }
        index[id] = nodes.count
        nodes.append(Node(id: id, place: place))
        return nodes.count - 1
    }

    private mutating func add(_ values: [Value], as term: String, to number: Int) {
        guard let known = nodes[number].values[term] else {
            nodes[number].terms.append(term)
            nodes[number].values[term] = Self.withoutRepeats(values)
            return
        }
        nodes[number].values[term] = Self.withoutRepeats(known + values)
    }

    private static func withoutRepeats(_ values: [Value]) -> [Value] {
        guard values.count > 1 else { return values }
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }

    /// The elements of an array, of a `@list` or `@set`, or the one value; nothing for null.
    private static func list(_ value: JSONValue, _ place: String) -> [(value: JSONValue, place: String)] {
        var elements: [(value: JSONValue, place: String)] = [], open = [(value, place)]
        while let (value, place) = open.popLast() {
            switch value {
            case .array(let inner):
                open += inner.enumerated().reversed().map { ($1, JSONPointer.appending($0, to: place)) }
            case .object(let object) where object["@list"] != nil || object["@set"] != nil:
                open.append((object["@list"] ?? object["@set"] ?? .null, place))
            case .null: break
            default: elements.append((value, place))
            }
        }
        return elements
    }

    private mutating func value(
        of value: JSONValue, _ place: String, _ embedded: inout [(object: JSONValue, id: String?, place: String)]
    ) -> [Value] {
        switch value {
        case .string(let text): return [.text(text, language: nil)]
        case .number(let number): return [.number(number)]
        case .bool(let bool): return [.bool(bool)]
        case .object(let object):
            if let literal = object["@value"] {
                return self.value(of: literal, place, &embedded).map { found in
                    guard case .text(let text, _) = found else { return found }
                    return .text(text, language: object["@language"]?.text)
                }
            }
            let id = object["@id"]?.text ?? object["id"]?.text
            if let id, object.count == 1 { return [.node(id)] }
            if id == nil, let texts = Self.languageMap(object) { return texts }
            // An embedded node without an id is known by where it stands.
            let name = id ?? "_:at\(place)"
            embedded.append((value, name, place))
            return [.node(name)]
        default: return []
        }
    }

    /// `{"en": "…", "fr": ["…"]}`; nil when any member is something else.
    private static func languageMap(_ object: JSONObject) -> [Value]? {
        var texts: [Value] = []
        for member in object.members {
            var tag = Substring(member.name)
            if tag.first == "@" { tag = tag.dropFirst() }
            guard tag == "none" || isLanguage(tag) else { return nil }
            for (element, _) in list(member.value, "") {
                guard let text = element.text else { return nil }
                texts.append(.text(text, language: String(tag)))
            }
        }
        return texts
    }

    /// BCP 47 as far as it tells a language tag from the name of a member.
    private static func isLanguage(_ tag: Substring) -> Bool {
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, (2...3).contains(first.utf8.count) else { return false }
        return first.utf8.allSatisfy { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 }
            && parts.dropFirst().allSatisfy { (1...8).contains($0.utf8.count) }
    }
}

extension CTDLGraph.Value {
    var text: String? { if case .text(let text, _) = self { text } else { nil } }

    /// The address, where the value is one.
    var reference: String? {
        switch self {
        case .node(let id): id
        case .text(let text, nil): text
        default: nil
        }
    }
}

extension CTDLGraph.Node {
    /// What a term refers to, in the order of the file.
    func references(_ terms: String...) -> [String] { terms.flatMap { values[$0] ?? [] }.compactMap(\.reference) }

    /// The first whole or decimal number under a term; a text that is one counts.
    func number(_ term: String) -> JSONNumber? {
        for value in values[term] ?? [] {
            switch value {
            case .number(let number): return number
            case .text(let text, _): if let number = JSONNumber(text) { return number }
            default: break
            }
        }
        return nil
    }

    /// English before other languages, one without a language before those that are not English.
    func text(_ terms: String...) -> String? {
        for term in terms {
            let texts = (values[term] ?? []).compactMap { value -> (rank: Int, text: String)? in
                guard case .text(let text, let language) = value, !text.allSatisfy(\.isWhitespace) else { return nil }
                let tag = language?.lowercased()
                return (tag == "en" ? 0 : tag?.hasPrefix("en-") == true ? 1 : tag == nil ? 2 : 3, text)
            }
            if let best = texts.min(by: { $0.rank < $1.rank }) { return best.text }
        }
        return nil
    }

    /// Texts under a term beside the one that `text` gives.
    func otherTexts(_ term: String) -> Int { max(0, (values[term] ?? []).count { $0.text != nil } - 1) }
}
