extension ContextState {
    /// IRI expansion (JSON-LD API §5.2) with the terms this context has. Nil for what is ignored: text in the form of a
    /// keyword that is none, and terms that mean nothing.
    /// - Parameters:
    ///   - isRelative: what is no IRI otherwise is resolved against the base.
    ///   - isVocabulary: terms and the vocabulary mapping count.
    func iri(_ value: String, isRelative: Bool = false, isVocabulary: Bool = false) -> String? {
        switch meaning(of: value, isRelative: isRelative, isVocabulary: isVocabulary) {
        case .term(let term): term.definition.iri
        case .text(let text): text
        case .nothing: nil
        }
    }

    /// The same, told apart.
    func resource(_ value: String, isRelative: Bool = false, isVocabulary: Bool = false) -> ResourceName? {
        switch meaning(of: value, isRelative: isRelative, isVocabulary: isVocabulary) {
        case .term(let term): term.resource
        case .text(let text): ResourceName(text)
        case .nothing: nil
        }
    }

    private enum ValueMeaning {
        case term(Term)
        case text(String)
        case nothing
    }

    private func meaning(of value: String, isRelative: Bool, isVocabulary: Bool) -> ValueMeaning {
        if value.utf8.first == UInt8(ascii: "@") {
            if Keyword(value) != nil { return .text(value) }
            if Keyword.isReserved(value) { return .nothing }
        }
        if let term = term(value), isVocabulary || term.keyword != nil { return .term(term) }
        if let (prefix, suffix) = Self.split(value) {
            if prefix == "_" || suffix.utf8.starts(with: "//".utf8) { return .text(value) }
            if let term = term(prefix), term.definition.isPrefix, let iri = term.definition.iri { return .text(iri + suffix) }
            if IRI.hasScheme(value) { return .text(value) }
        }
        if isVocabulary, let vocab { return .text(vocab + value) }
        if isRelative, let base { return .text(IRI.resolve(value, against: base) ?? value) }
        return .text(value)
    }

    /// What stands before and after the first colon that is not the first character.
    static func split(_ value: String) -> (prefix: String, suffix: Substring)? {
        let bytes = value.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > bytes.startIndex else { return nil }
        return (String(value[..<colon]), value[bytes.index(after: colon)...])
    }
}

/// What a key of a node object stands for.
enum KeyMeaning {
    case keyword(Keyword)
    case property(ResourceName, Term?)
    /// Neither; the key is dropped, or is an error in safe mode.
    case nothing
}

extension ContextState {
    func meaning(of key: String) -> KeyMeaning {
        if key.utf8.first == UInt8(ascii: "@") {
            if let keyword = Keyword(key) { return .keyword(keyword) }
            if Keyword.isReserved(key) { return .nothing }
        }
        if let term = term(key) {
            if let keyword = term.keyword { return .keyword(keyword) }
            guard let resource = term.resource else { return .nothing }
            return .property(resource, term)
        }
        guard let iri = iri(key, isVocabulary: true), iri.utf8.contains(UInt8(ascii: ":")) else { return .nothing }
        return .property(ResourceName(iri), nil)
    }
}
