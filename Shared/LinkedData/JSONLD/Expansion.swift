import Domain

/// Under which property a value is expanded.
struct Role {
    /// Nil at the top and within `@graph`, where values float freely.
    var property: String?
    /// What the property means in the context that is passed along with this.
    var term: Term?
    var isReverse = false

    static let top = Role()
    static let reverse = Role(property: Keyword.reverse.rawValue, isReverse: true)
}

/// The expansion algorithm (JSON-LD API §5.1.2).
extension Expander {
    /// The whole document: its node objects.
    func expandDocument(_ document: JSONValue, in context: ActiveContext) throws(LinkedDataError) -> [ExpandedItem] {
        let items = try expand(document, in: context, .top, depth: 0).items
        // A document that is nothing but a graph is that graph.
        if items.count == 1, case .node(let node) = items[0], let graph = node.graph, node.isGraph, !node.hasID,
           node.index == nil, !Self.isArray(document) { return graph }
        return items
    }

    private static func isArray(_ value: JSONValue) -> Bool { if case .array = value { true } else { false } }

    func expand(
        _ element: JSONValue, in active: ActiveContext, _ role: Role, fromMap: Bool = false, depth: Int
    ) throws(LinkedDataError) -> Expanded {
        switch element {
        case .null: return .nothing
        case .array(let elements):
            return .many(try expand(elements, in: active, role, fromMap: fromMap, depth: depth))
        case .object(let object):
            return try expand(object, in: active, role, fromMap: fromMap, depth: depth)
        case .bool, .number, .string:
            guard let property = role.property, !role.isReverse else {
                if isSafe, !role.isReverse { throw dropped("The value stands where no property leads to it.") }
                return .nothing
            }
            guard let term = role.term, term.scopesContext else {
                return .one(try expand(scalar: element, as: role.term, in: active))
            }
            let inner = try context(active, inside: term)
            return .one(try expand(scalar: element, as: inner.state.term(property), in: inner))
        }
    }

    private func expand(
        _ elements: [JSONValue], in active: ActiveContext, _ role: Role, fromMap: Bool, depth: Int
    ) throws(LinkedDataError) -> [ExpandedItem] {
        try checkDepth(depth)
        let isList = role.term?.definition.container.contains(.list) ?? false
        var items: [ExpandedItem] = []
        items.reserveCapacity(elements.count)
        for (place, element) in elements.enumerated() {
            do throws(LinkedDataError) {
                switch try expand(element, in: active, role, fromMap: fromMap, depth: depth + 1) {
                case .nothing: break
                case .one(let item): items.append(item)
                case .many(let inner):
                    if !isList { items.append(contentsOf: inner); continue }
                    guard !is10 else { throw LinkedDataError(.listOfLists, nil, "A list must not hold a list.") }
                    items.append(.list(ExpandedList(inner)))
                }
            } catch { throw error.below(place) }
        }
        return items
    }

    func dropped(_ message: String) -> LinkedDataError { LinkedDataError(.freeFloating, nil, message) }

    // MARK: Scalars (§5.3.2)

    func expand(
        scalar value: JSONValue, as term: Term?, in active: ActiveContext
    ) throws(LinkedDataError) -> ExpandedItem {
        if let datatype = term?.datatype { return .value(ExpandedValue(value, type: datatype)) }
        guard case .string(let text) = value else { return .value(ExpandedValue(value)) }
        switch term?.definition.type {
        case .id?: return .node(try reference(active.state.resource(text, isRelative: true), text))
        case .vocab?: return .node(try reference(active.state.resource(text, isRelative: true, isVocabulary: true), text))
        default: break
        }
        var language = active.state.language, direction = active.state.direction
        if case .set(let own)? = term?.definition.language { language = own }
        if case .set(let own)? = term?.definition.direction { direction = own }
        return .value(ExpandedValue(value, language: language, direction: direction))
    }

    private func reference(_ name: ResourceName?, _ text: String) throws(LinkedDataError) -> ExpandedNode {
        let node = ExpandedNode()
        node.hasID = true
        node.id = try identifier(name, text)
        return node
    }

    /// In safe mode an identifier must be an IRI or a blank node.
    func identifier(_ name: ResourceName?, _ text: String) throws(LinkedDataError) -> ResourceName? {
        guard let name else {
            if isSafe { throw LinkedDataError(.reservedTerm, text, "\(text) has the form of a keyword and names nothing.") }
            return nil
        }
        if isSafe, name.kind == .other {
            throw IRI.hasScheme(name.text)
                ? LinkedDataError(.malformedIRI, text, "\(name.text) holds a character that no IRI may hold.")
                : LinkedDataError(.relativeID, text, "\(text) is relative, and there is no base for it.")
        }
        try made(name.text)
        return name
    }
}
