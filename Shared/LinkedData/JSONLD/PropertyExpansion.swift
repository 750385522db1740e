import Domain

/// Expansion of one property's value (JSON-LD API §5.1.2, steps 13.5 to 13.14).
extension Expander {
    func expand(
        _ member: JSONObject.Member, meaning property: ResourceName, _ term: Term?, in active: ActiveContext,
        into node: ExpandedNode, depth: Int
    ) throws(LinkedDataError) {
        if isSafe, property.kind == .blank {
            throw LinkedDataError(.blankPredicate, member.name, "A blank node as a property has no place in RDF.")
        }
        try made(property.text)
        let container = term?.definition.container ?? []
        var expanded: Expanded
        if term?.definition.type == .json {
            expanded = .one(.value(ExpandedValue(member.value, type: term?.datatype)))
        } else if case .object(let map) = member.value, container.contains(.language) {
            expanded = .many(try expandLanguages(map, term, in: active.state))
        } else if case .object(let map) = member.value, !container.isDisjoint(with: [.index, .id, .type]),
                  let term {
            expanded = .many(try expandMap(map, term, in: active, depth: depth + 1))
        } else {
            let role = Role(property: member.name, term: term)
            expanded = try expand(member.value, in: active, role, depth: depth + 1)
        }
        if case .nothing = expanded { return }
        if container.contains(.list) { expanded = asList(expanded) }
        if container.contains(.graph), container.isDisjoint(with: [.id, .index]) {
            expanded = .many(expanded.items.map { .node(ExpandedNode(graph: [$0])) })
        }
        if term?.definition.isReverse == true {
            try addReverse(expanded, to: property, of: node)
        } else {
            node.properties.add(expanded, to: property)
        }
    }

    private func asList(_ expanded: Expanded) -> Expanded {
        if case .one(.list) = expanded { return expanded }
        return .one(.list(ExpandedList(expanded.items)))
    }

    private func expandLanguages(
        _ map: JSONObject, _ term: Term?, in state: ContextState
    ) throws(LinkedDataError) -> [ExpandedItem] {
        var direction = state.direction
        if case .set(let own)? = term?.definition.direction { direction = own }
        var items: [ExpandedItem] = []
        for member in map.members.sorted(by: { $0.name.precedes($1.name) }) {
            let isNone = state.iri(member.name, isVocabulary: true) == Keyword.none.rawValue
            let language = isNone ? nil : try languageTag(member.name)
            for value in member.value.array ?? [member.value] where !value.isNull {
                guard case .string = value else {
                    throw LinkedDataError(.invalidLanguageMapValue, member.name,
                                          "The values of a language map must be text.").below(member.name)
                }
                items.append(.value(ExpandedValue(value, language: language, direction: direction)))
            }
        }
        return items
    }

    // MARK: Index, id and type maps (step 13.8)

    private func expandMap(
        _ map: JSONObject, _ term: Term, in active: ActiveContext, depth: Int
    ) throws(LinkedDataError) -> [ExpandedItem] {
        var items: [ExpandedItem] = []
        for member in map.members.sorted(by: { $0.name.precedes($1.name) }) {
            do { items += try expandMapEntry(member, term, in: active, depth: depth) } catch {
                throw error.below(member.name)
            }
        }
        return items
    }

    private func expandMapEntry(
        _ member: JSONObject.Member, _ term: Term, in active: ActiveContext, depth: Int
    ) throws(LinkedDataError) -> [ExpandedItem] {
        let container = term.definition.container
        var inner = active
        if !container.isDisjoint(with: [.id, .type]) { inner = active.state.previous ?? active }
        if container.contains(.type), let scoped = inner.state.term(member.name), scoped.scopesContext {
            inner = try context(inner, ofType: scoped)
        } else if container.isDisjoint(with: [.id, .type]) {
            inner = active
        }
        let key = MapKey(
            text: member.name, term: term, context: active,
            isNone: active.state.iri(member.name, isVocabulary: true) == Keyword.none.rawValue)
        let role = Role(property: term.name, term: inner.state.term(term.name))
        let value: JSONValue = .array(member.value.array ?? [member.value])
        var items = try expand(value, in: inner, role, fromMap: true, depth: depth).items
        if container.contains(.graph) {
            items = items.map { item in
                if case .node(let node) = item, node.isGraph { item } else { .node(ExpandedNode(graph: [item])) }
            }
        }
        guard !key.isNone else { return items }
        for item in items { try mark(item, with: key) }
        return items
    }

    private struct MapKey {
        var text: String
        var term: Term
        var context: ActiveContext
        var isNone: Bool
    }

    /// Gives an item of a map what the map's key says of it.
    private func mark(_ item: ExpandedItem, with key: MapKey) throws(LinkedDataError) {
        let container = key.term.definition.container
        if container.contains(.index) {
            if let property = key.term.definition.index, property != Keyword.index.rawValue {
                return try mark(item, with: key, as: property)
            }
            switch item {
            case .node(let node): node.index = node.index ?? key.text
            case .value(let value): value.index = value.index ?? key.text
            case .list(let list): list.index = list.index ?? key.text
            }
            return
        }
        guard case .node(let node) = item else {
            throw LinkedDataError(.invalidValueObject, key.text, "The entries of an id or type map must be nodes.")
        }
        if container.contains(.id) {
            guard !node.hasID else { return }
            node.hasID = true
            node.id = try identifier(key.context.state.resource(key.text, isRelative: true), key.text)
        } else if let type = key.context.state.resource(key.text, isRelative: true, isVocabulary: true) {
            if isSafe, type.kind == .other {
                throw LinkedDataError(.undefinedType, key.text, "No context defines the type \(key.text).")
            }
            node.types = [type] + (node.types ?? [])
        }
    }

    private func mark(_ item: ExpandedItem, with key: MapKey, as property: String) throws(LinkedDataError) {
        guard case .node(let node) = item else {
            throw LinkedDataError(.invalidValueObject, property, "A value cannot have the property \(property).")
        }
        guard let resource = key.context.state.resource(property, isVocabulary: true) else { return }
        let value = try expand(scalar: .string(key.text), as: key.context.state.term(property), in: key.context)
        node.properties.add(.one(value), to: resource, first: true)
    }
}
