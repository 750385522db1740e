extension ContextState {
    /// IRI expansion (JSON-LD API §5.2) with the terms this context has. Nil for what is ignored: text in the form of a
    /// keyword that is none, and terms that mean nothing.
    /// - Parameters:
    ///   - isRelative: what is no IRI otherwise is resolved against the base.
    ///   - isVocabulary: terms and the vocabulary mapping count.
    func iri(_ value: String, isRelative: Bool = false, isVocabulary: Bool = false) -> String? {
        if value.utf8.first == UInt8(ascii: "@") {
            if Keyword(value) != nil { return value }
            if Keyword.isReserved(value) { return nil }
        }
        if let term = term(value), isVocabulary || term.keyword != nil { return term.definition.iri }
        if let (prefix, suffix) = Self.split(value) {
            if prefix == "_" || suffix.utf8.starts(with: "//".utf8) { return value }
            if let term = term(prefix), term.definition.isPrefix, let iri = term.definition.iri { return iri + suffix }
            if IRI.hasScheme(value) { return value }
        }
        if isVocabulary, let vocab { return vocab + value }
        if isRelative, let base { return IRI.resolve(value, against: base) ?? value }
        return value
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
    case property(String, Term?)
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
            guard let iri = term.definition.iri else { return .nothing }
            return .property(iri, term)
        }
        guard let iri = iri(key, isVocabulary: true), iri.utf8.contains(UInt8(ascii: ":")) else { return .nothing }
        return .property(iri, nil)
    }
}
