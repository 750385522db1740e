import Domain

/// Expansion of one object (JSON-LD API §5.1.2, from step 7 on).
extension Expander {
    func expand(
        _ object: JSONObject, in given: ActiveContext, _ role: Role, fromMap: Bool, depth: Int
    ) throws(LinkedDataError) -> Expanded {
        try checkDepth(depth)
        var active = try reverted(given, for: object, fromMap: fromMap)
        if let term = role.term, term.scopesContext { active = try context(active, inside: term) }
        if let local = object[Keyword.context.rawValue] {
            do { active = try context(active, with: local) } catch { throw error.below(Keyword.context.rawValue) }
        }
        let typeScoped = active
        active = try typed(object, in: active)
        var draft = ObjectDraft(typeScoped: typeScoped, role: role, depth: depth)
        draft.node.properties.reserve(object.count)
        try expandMembers(of: object, in: active, into: &draft)
        return try finish(draft)
    }

    /// A context that does not propagate ends where the next node object begins.
    private func reverted(
        _ active: ActiveContext, for object: JSONObject, fromMap: Bool
    ) throws(LinkedDataError) -> ActiveContext {
        guard let previous = active.state.previous, !fromMap else { return active }
        if active.state.valueKeys.contains(where: object.has) { return active }
        if object.count == 1, active.state.idKeys.contains(where: object.has) { return active }
        return previous
    }

    /// The context with those that the object's types scope.
    private func typed(_ object: JSONObject, in typeScoped: ActiveContext) throws(LinkedDataError) -> ActiveContext {
        var active = typeScoped
        for key in typeScoped.state.typeKeys {
            guard let value = object[key] else { continue }
            switch value {
            case .string(let name):
                if let term = typeScoped.state.term(name) { active = try context(active, ofType: term) }
            case .array(let elements):
                let names = elements.compactMap(\.text)
                for name in names.count > 1 ? names.sorted(by: { $0.precedes($1) }) : names {
                    if let term = typeScoped.state.term(name) { active = try context(active, ofType: term) }
                }
            default: break
            }
        }
        return active
    }

    /// True when the object's type is `@json`, by the last value of the first key that means `@type`.
    func isJSONLiteral(_ object: JSONObject, _ state: ContextState) -> Bool {
        guard let key = state.typeKeys.first(where: object.has), let value = object[key],
              let text = (value.array?.last ?? value).text else { return false }
        return state.iri(text, isVocabulary: true) == Keyword.json.rawValue
    }

    // MARK: What the object turns out to be (steps 15 to 19)

    private func finish(_ draft: ObjectDraft) throws(LinkedDataError) -> Expanded {
        let node = draft.node
        if !draft.parts.isPlain {
            if let value = draft.parts.value { return try finish(value: value, draft) }
            if draft.parts.list != nil || draft.parts.set != nil { return try finish(collection: draft) }
            if isSafe { throw dropped("@language and @direction say nothing without @value.") }
            if node.isEmpty { return .nothing }
        }
        guard draft.role.property == nil else { return .one(.node(node)) }
        if node.isOnlyID {
            if isSafe { throw dropped("A node object that stands alone must say something of its node.") }
            return .nothing
        }
        return .one(.node(node))
    }

    private func finish(value: JSONValue, _ draft: ObjectDraft) throws(LinkedDataError) -> Expanded {
        let node = draft.node, parts = draft.parts
        let hasOthers = node.hasID || !node.properties.isEmpty || node.reverse != nil || node.graph != nil
            || node.included != nil || parts.list != nil || parts.set != nil
        guard !hasOthers, node.types == nil || (parts.language == nil && parts.direction == nil) else {
            throw LinkedDataError(.invalidValueObject, nil,
                                  "A value object has @value, and @type or @language and @direction, and @index only.")
        }
        let isJSON = draft.isJSON
        if !isJSON {
            if value.isNull { return .nothing }
            guard parts.language == nil || value.text != nil else {
                throw LinkedDataError(.invalidLanguageTaggedValue, nil, "A value with a language must be text.")
            }
            if let types = node.types, types.count != 1 || draft.isTypeArray || types[0].kind != .iri {
                throw LinkedDataError(.invalidTypedValue, types.first?.text, "The type of a value must be one IRI.")
            }
        }
        guard draft.role.property != nil else {
            if isSafe { throw dropped("The value stands where no property leads to it.") }
            return .nothing
        }
        let result = ExpandedValue(value, type: isJSON ? ResourceName(Keyword.json.rawValue) : node.types?.first,
                                   language: parts.language, direction: parts.direction)
        result.index = node.index
        return .one(.value(result))
    }

    private func finish(collection draft: ObjectDraft) throws(LinkedDataError) -> Expanded {
        let node = draft.node, parts = draft.parts
        let hasOthers = node.hasID || node.types != nil || !node.properties.isEmpty || node.reverse != nil
            || node.graph != nil || node.included != nil || parts.language != nil || parts.direction != nil
        guard !hasOthers, parts.list == nil || parts.set == nil else {
            throw LinkedDataError(.invalidSetOrListObject, nil, "A set or list object has nothing else but @index.")
        }
        if let set = parts.set { return set }
        guard draft.role.property != nil else {
            if isSafe { throw dropped("The list stands where no property leads to it.") }
            return .nothing
        }
        return .one(.list(ExpandedList(parts.list ?? [], index: node.index)))
    }
}

/// One object in the making.
struct ObjectDraft {
    let node = ExpandedNode()
    var parts = ExpandedDraft()
    let typeScoped: ActiveContext
    var role: Role
    var depth: Int
    /// The type was given as an array.
    var isTypeArray = false
    var isJSON = false

    init(typeScoped: ActiveContext, role: Role, depth: Int) {
        self.typeScoped = typeScoped
        self.role = role
        self.depth = depth
    }
}
