import Domain

/// Expansion of an object's members (JSON-LD API §5.1.2, steps 13 and 14).
extension Expander {
    func expandMembers(
        of object: JSONObject, in active: ActiveContext, into draft: inout ObjectDraft
    ) throws(LinkedDataError) {
        var nests: [String] = []
        for member in object.members {
            do throws(LinkedDataError) {
                switch active.state.meaning(of: member.name) {
                case .keyword(.context): break
                case .keyword(.nest): nests.append(member.name)
                case .keyword(let keyword):
                    try expand(keyword, member, of: object, in: active, into: &draft)
                case .property(let property, let term):
                    try expand(member, meaning: property, term, in: active, into: draft.node, depth: draft.depth)
                case .nothing:
                    guard isSafe else { break }
                    throw LinkedDataError(.undefinedTerm, member.name,
                                          "No context defines the term \(member.name); it would be dropped.")
                }
            } catch { throw error.below(member.name) }
        }
        for name in nests.sorted(by: { $0.precedes($1) }) {
            do { try expandNested(object[name] ?? .null, name, in: active, into: &draft) } catch {
                throw error.below(name)
            }
        }
    }

    private func expandNested(
        _ value: JSONValue, _ name: String, in active: ActiveContext, into draft: inout ObjectDraft
    ) throws(LinkedDataError) {
        try checkDepth(draft.depth)
        var inner = active
        if let term = active.state.term(name) { inner = try context(active, inside: term) }
        draft.depth += 1
        defer { draft.depth -= 1 }
        for nested in value.array ?? [value] {
            guard case .object(let object) = nested,
                  !object.members.contains(where: { member in
                      if case .keyword(.value) = inner.state.meaning(of: member.name) { true } else { false }
                  })
            else { throw LinkedDataError(.invalidNestValue, name, "What is nested must be an object without @value.") }
            try expandMembers(of: object, in: inner, into: &draft)
        }
    }

    // MARK: Keywords (step 13.4)

    private func expand(
        _ keyword: Keyword, _ member: JSONObject.Member, of object: JSONObject, in active: ActiveContext,
        into draft: inout ObjectDraft
    ) throws(LinkedDataError) {
        let node = draft.node, value = member.value, depth = draft.depth + 1
        guard !draft.role.isReverse else {
            throw LinkedDataError(.invalidReversePropertyMap, member.name, "A reverse map holds properties only.")
        }
        switch keyword {
        case .id: try setID(value, in: active.state, node)
        case .type: try setTypes(value, in: draft.typeScoped.state, &draft)
        case .graph:
            try checkNew(node.graph == nil, keyword)
            node.graph = try expand(value, in: active, .top, depth: depth).items
        case .included:
            guard !is10 else { return }
            try include(value, in: active, node, depth: depth)
        case .value: try setValue(value, of: object, in: active.state, &draft)
        case .language:
            try checkNew(draft.parts.language == nil, keyword)
            guard case .string(let text) = value else {
                throw LinkedDataError(.invalidLanguageTaggedString, nil, "@language must be text.")
            }
            draft.parts.language = try languageTag(text)
        case .direction:
            guard !is10 else { return }
            try checkNew(draft.parts.direction == nil, keyword)
            guard let direction = try Self.direction(value) else {
                throw LinkedDataError(.invalidBaseDirection, nil, "@direction must be ltr or rtl.")
            }
            draft.parts.direction = direction
        case .index:
            try checkNew(node.index == nil, keyword)
            guard case .string(let text) = value else {
                throw LinkedDataError(.invalidIndexValue, nil, "@index must be text.")
            }
            node.index = text
        case .list:
            guard draft.role.property != nil else {
                if isSafe { throw dropped("The list stands where no property leads to it.") }
                return
            }
            try checkNew(draft.parts.list == nil, keyword)
            draft.parts.list = try listItems(value, in: active, draft.role, depth: depth)
        case .set:
            try checkNew(draft.parts.set == nil, keyword)
            draft.parts.set = try expand(value, in: active, draft.role(in: active), depth: depth)
        case .reverse: try expandReverse(value, in: active, node, depth: depth)
        default:
            // A keyword of contexts, in a node object: it says nothing here.
            guard isSafe else { return }
            throw LinkedDataError(.reservedTerm, member.name, "\(member.name) has no meaning here and would be dropped.")
        }
    }

    private func checkNew(_ isNew: Bool, _ keyword: Keyword) throws(LinkedDataError) {
        guard isNew else {
            throw LinkedDataError(.collidingKeywords, keyword.rawValue, "Two members mean \(keyword.rawValue).")
        }
    }

    private func listItems(
        _ value: JSONValue, in active: ActiveContext, _ role: Role, depth: Int
    ) throws(LinkedDataError) -> [ExpandedItem] {
        let items = try expand(value, in: active, role.under(active), depth: depth).items
        if is10, items.contains(where: { if case .list = $0 { true } else { false } }) {
            throw LinkedDataError(.listOfLists, nil, "A list must not hold a list.")
        }
        return items
    }

    private func setID(_ value: JSONValue, in state: ContextState, _ node: ExpandedNode) throws(LinkedDataError) {
        try checkNew(!node.hasID, .id)
        guard case .string(let text) = value else {
            throw LinkedDataError(.invalidIDValue, nil, "@id must be text, not \(value.kind).")
        }
        node.hasID = true
        node.id = try identifier(state.resource(text, isRelative: true), text)
    }

    private func setTypes(
        _ value: JSONValue, in state: ContextState, _ draft: inout ObjectDraft
    ) throws(LinkedDataError) {
        var types: [ResourceName] = []
        switch value {
        case .string(let text): types = try type(text, in: state).map { [$0] } ?? []
        case .array(let elements):
            draft.isTypeArray = true
            for (place, element) in elements.enumerated() {
                guard case .string(let text) = element else {
                    throw LinkedDataError(.invalidTypeValue, nil, "A type must be text, not \(element.kind).").below(place)
                }
                do { if let type = try type(text, in: state) { types.append(type) } } catch { throw error.below(place) }
            }
        default: throw LinkedDataError(.invalidTypeValue, nil, "@type must be text or an array of texts.")
        }
        draft.node.types = draft.node.types.map { types + $0 } ?? types
    }

    private func type(_ text: String, in state: ContextState) throws(LinkedDataError) -> ResourceName? {
        guard let type = state.resource(text, isRelative: true, isVocabulary: true) else {
            if isSafe { throw LinkedDataError(.reservedTerm, text, "The type \(text) has the form of a keyword.") }
            return nil
        }
        if isSafe, type.kind == .other, Keyword(type.text) == nil {
            throw LinkedDataError(.undefinedType, text, "No context defines the type \(text); it would be dropped.")
        }
        try made(type.text)
        return type
    }

    private func setValue(
        _ value: JSONValue, of object: JSONObject, in state: ContextState, _ draft: inout ObjectDraft
    ) throws(LinkedDataError) {
        try checkNew(draft.parts.value == nil, .value)
        draft.isJSON = isJSONLiteral(object, state)
        switch value {
        case .array, .object:
            guard draft.isJSON, !is10 else {
                throw LinkedDataError(.invalidValueObjectValue, nil, "@value must be no array and no object.")
            }
        default: break
        }
        draft.parts.value = value
    }

    private func include(
        _ value: JSONValue, in active: ActiveContext, _ node: ExpandedNode, depth: Int
    ) throws(LinkedDataError) {
        let fault = LinkedDataError(.invalidIncludedValue, nil, "@included must hold node objects.")
        for element in value.array ?? [value] {
            guard case .object = element else { throw fault }
        }
        // The items are under a property of a kind, so that a node which is but an identifier stays.
        let items = try expand(value, in: active, Role(property: Keyword.included.rawValue), depth: depth).items
        guard items.allSatisfy(\.isNode) else { throw fault }
        node.included = (node.included ?? []) + items
    }

    private func expandReverse(
        _ value: JSONValue, in active: ActiveContext, _ node: ExpandedNode, depth: Int
    ) throws(LinkedDataError) {
        guard case .object = value else {
            throw LinkedDataError(.invalidReverseValue, nil, "@reverse must be an object.")
        }
        guard case .one(.node(let map)) = try expand(value, in: active, .reverse, depth: depth) else { return }
        // Reversed twice is forward.
        for entry in map.reverse?.entries ?? [] { node.properties.add(entry.values, to: entry.property) }
        for entry in map.properties.entries { try addReverse(entry.values, to: entry.property, of: node) }
    }

    func addReverse(_ values: Expanded, to property: ResourceName, of node: ExpandedNode) throws(LinkedDataError) {
        guard values.items.allSatisfy(\.isNode) else {
            throw LinkedDataError(.invalidReversePropertyValue, property.text, "The values of a reverse property must be nodes.")
        }
        var reverse = node.reverse ?? PropertyMap()
        reverse.add(values, to: property)
        node.reverse = reverse
    }
}

extension Role {
    /// The same property as another context defines it.
    func under(_ context: ActiveContext) -> Role {
        guard let property, !isReverse else { return self }
        return Role(property: property, term: context.state.term(property))
    }
}

extension ObjectDraft {
    func role(in context: ActiveContext) -> Role { role.under(context) }
}
