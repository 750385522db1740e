import Domain

/// Creates the term definitions of one local context (JSON-LD API §4.2.2).
final class TermDefiner {
    private(set) var state: ContextState
    let expander: Expander
    private let local: JSONObject
    private let manner: ContextManner
    private let isProtected: Bool
    /// False while a definition is being made, true once it is.
    private var defined: [ExactText: Bool] = [:]

    init(_ expander: Expander, _ state: ContextState, _ local: JSONObject, _ manner: ContextManner, isProtected: Bool) {
        self.expander = expander
        self.state = state
        self.local = local
        self.manner = manner
        self.isProtected = isProtected
    }

    func defineAll() throws(LinkedDataError) {
        for member in local.members where !Self.isOfContext(member.name) { try define(member.name) }
    }

    /// Members that say something of the context itself.
    private static func isOfContext(_ name: String) -> Bool {
        switch Keyword(name) {
        case .base, .direction, .import, .language, .propagate, .protected, .version, .vocab: true
        default: false
        }
    }

    private func define(_ name: String) throws(LinkedDataError) {
        do { try make(name) } catch {
            var error = error
            if error.term == nil { error.term = name }
            throw error.below(name)
        }
    }

    private func make(_ name: String) throws(LinkedDataError) {
        if let isDone = defined[ExactText(name)] {
            if isDone { return }
            throw fail(.cyclicIRIMapping, "The term \(name) is defined through itself.")
        }
        guard !name.isEmpty else { throw fail(.invalidTermDefinition, "A term must not be empty.") }
        try expander.enterContext()
        defer { expander.leaveContext() }
        defined[ExactText(name)] = false
        let value = local[name] ?? .null
        guard try mayBeDefined(name, value) else { return }
        let previous = state.remove(name)
        var maker = Maker(definer: self, name: name)
        guard var definition = try maker.definition(value, isProtected: isProtected) else { return }
        if !manner.overridesProtected, let old = previous?.definition, old.isProtected {
            definition.isProtected = true
            definition.contextBase = old.contextBase
            guard definition == old else {
                throw fail(.protectedTermRedefinition, "The protected term \(name) must not be defined otherwise.")
            }
            if let previous { state.define(previous) }
        } else {
            state.define(Term(name, definition))
        }
        defined[ExactText(name)] = true
    }

    /// False for names that are reserved and thus ignored.
    private func mayBeDefined(_ name: String, _ value: JSONValue) throws(LinkedDataError) -> Bool {
        guard name.utf8.first == UInt8(ascii: "@") else { return true }
        if name == Keyword.type.rawValue {
            guard !expander.is10, case .object(let object) = value, !object.isEmpty,
                  object.members.allSatisfy({ member in
                      member.name == Keyword.protected.rawValue
                          || (member.name == Keyword.container.rawValue && member.value.text == Keyword.set.rawValue)
                  })
            else { throw fail(.keywordRedefinition, "@type may only be given the container @set or be protected.") }
            return true
        }
        if Keyword(name) != nil { throw fail(.keywordRedefinition, "The keyword \(name) cannot be defined.") }
        guard Keyword.isReserved(name) else { return true }
        if expander.isSafe { throw fail(.reservedTerm, "\(name) has the form of a keyword and would be ignored.") }
        return false
    }

    private func fail(_ code: JSONLDCode, _ message: String) -> LinkedDataError { LinkedDataError(code, nil, message) }

    /// Expands within the context being made: what it depends on in the local context is defined first.
    fileprivate func iri(_ value: String) throws(LinkedDataError) -> String? {
        try require(value)
        if let (prefix, suffix) = ContextState.split(value), prefix != "_", !suffix.utf8.starts(with: "//".utf8) {
            try require(prefix)
        }
        let iri = state.iri(value, isVocabulary: true)
        if let iri { try expander.made(iri) }
        return iri
    }

    fileprivate func require(_ name: String) throws(LinkedDataError) {
        guard Keyword(name) == nil, !Keyword.isReserved(name), local[name] != nil,
              defined[ExactText(name)] != true else { return }
        try make(name)
    }

    fileprivate func setDefined(_ name: String) { defined[ExactText(name)] = true }

    fileprivate func checkScoped(_ context: JSONValue) throws(LinkedDataError) {
        var manner = manner
        manner.overridesProtected = true
        manner.validatesScoped = false
        do { _ = try expander.process(state, context, manner) } catch {
            if LinkedDataError.limits.contains(error.rule) { throw error.below(Keyword.context.rawValue) }
            var error = error
            error.message = "The scoped context is not valid: \(error.message)"
            error.rule = JSONLDCode.invalidScopedContext.rule
            throw error.below(Keyword.context.rawValue)
        }
    }

    fileprivate var contextBase: String? { manner.base }
}

/// One definition in the making.
private struct Maker {
    let definer: TermDefiner
    let name: String
    var made = TermDefinition()

    private var is10: Bool { definer.expander.is10 }

    init(definer: TermDefiner, name: String) {
        self.definer = definer
        self.name = name
    }

    /// Nil when the definition is ignored because it speaks of a reserved name.
    mutating func definition(_ value: JSONValue, isProtected: Bool) throws(LinkedDataError) -> TermDefinition? {
        made.isProtected = isProtected
        switch value {
        case .null:
            return made
        case .string(let iri):
            return try define(JSONObject([(Keyword.id.rawValue, .string(iri))]), isSimple: true)
        case .object(let object):
            return try define(object, isSimple: false)
        default:
            throw fail(.invalidTermDefinition, "A term is defined by text, an object or null, not by \(value.kind).")
        }
    }

    private mutating func define(_ object: JSONObject, isSimple: Bool) throws(LinkedDataError) -> TermDefinition? {
        try setProtected(object)
        try setType(object)
        if object[Keyword.reverse.rawValue] != nil {
            guard try setReverse(object) else { return nil }
        } else {
            guard try setIRI(object, isSimple: isSimple) else { return nil }
            try setContainer(object)
        }
        try setIndex(object)
        try setScoped(object)
        try setLanguage(object)
        try setNest(object)
        try setPrefix(object)
        try checkMembers(object)
        return made
    }

    private func fail(_ code: JSONLDCode, _ message: String) -> LinkedDataError { LinkedDataError(code, nil, message) }

    private mutating func setProtected(_ object: JSONObject) throws(LinkedDataError) {
        guard let value = object[Keyword.protected.rawValue] else { return }
        guard !is10 else { throw fail(.invalidTermDefinition, "@protected is not of JSON-LD 1.0.") }
        guard case .bool(let flag) = value else {
            throw fail(.invalidProtectedValue, "@protected must be true or false.")
        }
        made.isProtected = flag
    }

    private mutating func setType(_ object: JSONObject) throws(LinkedDataError) {
        guard let value = object[Keyword.type.rawValue] else { return }
        guard case .string(let text) = value, let iri = try definer.iri(text) else {
            throw fail(.invalidTypeMapping, "@type must be an IRI.")
        }
        switch Keyword(iri) {
        case .id: made.type = .id
        case .vocab: made.type = .vocab
        case .json where !is10: made.type = .json
        case .none? where !is10: made.type = TermDefinition.TypeMapping.none
        default:
            guard IRI.hasScheme(iri) else {
                throw fail(.invalidTypeMapping, "@type must be an IRI, @id, @vocab, @json or @none, not \(text).")
            }
            made.type = .iri(iri)
        }
    }

    /// False when the definition is ignored.
    private mutating func setReverse(_ object: JSONObject) throws(LinkedDataError) -> Bool {
        guard object[Keyword.id.rawValue] == nil, object[Keyword.nest.rawValue] == nil else {
            throw fail(.invalidReverseProperty, "A reverse property has neither @id nor @nest.")
        }
        guard case .string(let text)? = object[Keyword.reverse.rawValue] else {
            throw fail(.invalidIRIMapping, "@reverse must be an IRI.")
        }
        if Keyword.isReserved(text) { return try ignored(text) }
        guard let iri = try definer.iri(text), iri.hasPrefix("_:") || IRI.hasScheme(iri) else {
            throw fail(.invalidIRIMapping, "@reverse must be an IRI, not \(text).")
        }
        made.iri = iri
        made.isReverse = true
        switch object[Keyword.container.rawValue] {
        case nil, .null?: break
        case .string(Keyword.set.rawValue)?: made.container = .set
        case .string(Keyword.index.rawValue)?: made.container = .index
        default: throw fail(.invalidReverseProperty, "A reverse property's container is @set or @index.")
        }
        return true
    }

    private func ignored(_ text: String) throws(LinkedDataError) -> Bool {
        guard definer.expander.isSafe else { return false }
        throw fail(.reservedTerm, "\(text) has the form of a keyword; the term \(name) would be ignored.")
    }

    /// False when the definition is ignored.
    private mutating func setIRI(_ object: JSONObject, isSimple: Bool) throws(LinkedDataError) -> Bool {
        if let value = object[Keyword.id.rawValue], value.text.map({ !$0.isExactly(name) }) ?? true {
            return try setIRI(givenAs: value, isSimple: isSimple)
        }
        if let (prefix, suffix) = ContextState.split(name) {
            if prefix != "_" { try definer.require(prefix) }
            if let iri = definer.state.term(prefix)?.definition.iri { made.iri = iri + suffix } else { made.iri = name }
        } else if name.utf8.contains(UInt8(ascii: "/")) {
            guard let iri = definer.state.iri(name, isVocabulary: true), IRI.hasScheme(iri) else {
                throw fail(.invalidIRIMapping, "The term \(name) is no IRI.")
            }
            made.iri = iri
        } else if name == Keyword.type.rawValue {
            made.iri = name
        } else if let vocab = definer.state.vocab {
            made.iri = vocab + name
        } else {
            throw fail(.invalidIRIMapping, "The term \(name) is given no IRI.")
        }
        if let iri = made.iri { try definer.expander.made(iri) }
        return true
    }

    private mutating func setIRI(givenAs value: JSONValue, isSimple: Bool) throws(LinkedDataError) -> Bool {
        if value.isNull { return true }
        guard case .string(let text) = value else { throw fail(.invalidIRIMapping, "@id must be an IRI.") }
        if Keyword(text) == nil, Keyword.isReserved(text) { return try ignored(text) }
        guard let iri = try definer.iri(text),
              Keyword(iri) != nil || iri.hasPrefix("_:") || IRI.hasScheme(iri)
        else { throw fail(.invalidIRIMapping, "The term \(name) is given \(text), which is no IRI.") }
        guard iri != Keyword.context.rawValue else {
            throw fail(.invalidKeywordAlias, "@context cannot have another name.")
        }
        made.iri = iri
        let inner = name.utf8.dropFirst().dropLast()
        if !is10, inner.contains(UInt8(ascii: ":")) || name.utf8.contains(UInt8(ascii: "/")) {
            definer.setDefined(name)
            guard let own = try definer.iri(name), own.isExactly(iri) else {
                throw fail(.invalidIRIMapping, "\(name) is an IRI by itself and cannot mean \(iri).")
            }
        }
        let isPlain = !name.utf8.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
        made.isPrefix = isPlain && (is10 || isSimple && (iri.hasPrefix("_:") || Self.endsInDelimiter(iri)))
        return true
    }

    /// RFC 3986's gen-delims.
    private static func endsInDelimiter(_ iri: String) -> Bool {
        iri.utf8.last.map { ":/?#[]@".utf8.contains($0) } ?? false
    }

    private mutating func setContainer(_ object: JSONObject) throws(LinkedDataError) {
        guard let value = object[Keyword.container.rawValue] else { return }
        if is10, value.text == nil { throw fail(.invalidContainerMapping, "@container must be one word in JSON-LD 1.0.") }
        var container: Container = []
        let elements = value.array ?? [value]
        for element in elements {
            guard let text = element.text, let one = Container(keyword: text) else {
                throw fail(.invalidContainerMapping, "@container names no container.")
            }
            container.insert(one)
        }
        let allowed: [Container] = [
            .graph, .id, .index, .language, .list, .set, .type, [.graph, .id], [.graph, .index],
            [.graph, .id, .set], [.graph, .index, .set], [.set, .index], [.set, .graph], [.set, .id], [.set, .type],
            [.set, .language],
        ]
        guard allowed.contains(container), !is10 || container.isDisjoint(with: [.graph, .id, .type]) else {
            throw fail(.invalidContainerMapping, "These containers do not go together.")
        }
        made.container = container
        guard container.contains(.type) else { return }
        made.type = made.type ?? .id
        guard made.type == .id || made.type == .vocab else {
            throw fail(.invalidTypeMapping, "The values of a type map are typed @id or @vocab.")
        }
    }

    private mutating func setIndex(_ object: JSONObject) throws(LinkedDataError) {
        guard let value = object[Keyword.index.rawValue] else { return }
        guard !is10, made.container.contains(.index), case .string(let text) = value, Keyword(text) == nil,
              let iri = try definer.iri(text), IRI.hasScheme(iri)
        else { throw fail(.invalidTermDefinition, "@index must be an IRI, and the container @index.") }
        made.index = text
    }

    private mutating func setScoped(_ object: JSONObject) throws(LinkedDataError) {
        guard let context = object[Keyword.context.rawValue] else { return }
        guard !is10 else { throw fail(.invalidTermDefinition, "Scoped contexts are not of JSON-LD 1.0.") }
        try definer.checkScoped(context)
        made.context = context
        made.contextBase = definer.contextBase
    }

    private mutating func setLanguage(_ object: JSONObject) throws(LinkedDataError) {
        guard object[Keyword.type.rawValue] == nil else { return }
        switch object[Keyword.language.rawValue] {
        case nil: break
        case .null?: made.language = .set(nil)
        case .string(let text)?: made.language = .set(try definer.expander.languageTag(text))
        default: throw fail(.invalidLanguageMapping, "@language must be text or null.")
        }
        if let value = object[Keyword.direction.rawValue] { made.direction = .set(try Expander.direction(value)) }
    }

    private mutating func setNest(_ object: JSONObject) throws(LinkedDataError) {
        guard let value = object[Keyword.nest.rawValue] else { return }
        guard !is10 else { throw fail(.invalidTermDefinition, "@nest is not of JSON-LD 1.0.") }
        guard case .string(let text) = value, text == Keyword.nest.rawValue || Keyword(text) == nil else {
            throw fail(.invalidNestValue, "@nest must be a term or @nest.")
        }
        made.nest = text
    }

    private mutating func setPrefix(_ object: JSONObject) throws(LinkedDataError) {
        guard let value = object[Keyword.prefix.rawValue] else { return }
        guard !is10, !name.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }) else {
            throw fail(.invalidTermDefinition, "\(name) cannot be a prefix.")
        }
        guard case .bool(let flag) = value else { throw fail(.invalidPrefixValue, "@prefix must be true or false.") }
        made.isPrefix = flag
        if flag, made.iri.flatMap({ Keyword($0) }) != nil {
            throw fail(.invalidTermDefinition, "A keyword cannot be a prefix.")
        }
    }

    private func checkMembers(_ object: JSONObject) throws(LinkedDataError) {
        for member in object.members {
            switch Keyword(member.name) {
            case .id, .reverse, .container, .context, .direction, .index, .language, .nest, .prefix, .protected, .type:
                break
            default: throw fail(.invalidTermDefinition, "\(member.name) is not a member of a term definition.")
            }
        }
    }
}
