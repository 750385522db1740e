import Domain

/// How a local context is applied (JSON-LD API §4.1.2).
struct ContextManner {
    /// Against which relative URLs of contexts are resolved.
    var base: String?
    /// URLs of the contexts that led here, outermost first.
    var remote: [String] = []
    var overridesProtected = false
    var validatesScoped = true
}

extension Expander {
    func process(
        _ active: ActiveContext, _ local: JSONValue, base: String?,
        overrideProtected: Bool = false, propagate: Bool = true
    ) throws(LinkedDataError) -> ContextState {
        let manner = ContextManner(base: base, overridesProtected: overrideProtected)
        return try process(active.state, local, manner, propagate: propagate, origin: active)
    }

    /// - Parameter origin: the object that holds `active`, if there is one yet.
    func process(
        _ active: ContextState, _ local: JSONValue, _ manner: ContextManner, propagate: Bool = true,
        origin: ActiveContext? = nil
    ) throws(LinkedDataError) -> ContextState {
        try enterContext()
        defer { leaveContext() }
        var propagate = propagate
        if case .object(let object) = local, let value = object[Keyword.propagate.rawValue] {
            guard case .bool(let flag) = value else {
                throw LinkedDataError(.invalidPropagateValue, nil, "@propagate must be true or false.")
            }
            propagate = flag
        }
        var result = active
        if !propagate, result.previous == nil { result.previous = origin ?? ActiveContext(active) }
        guard case .array(let elements) = local else {
            try apply(local, to: &result, manner, propagate: propagate)
            return result
        }
        for (place, element) in elements.enumerated() {
            do { try apply(element, to: &result, manner, propagate: propagate) } catch { throw error.below(place) }
        }
        return result
    }

    private func apply(
        _ local: JSONValue, to result: inout ContextState, _ manner: ContextManner, propagate: Bool
    ) throws(LinkedDataError) {
        switch local {
        case .null: try nullify(&result, manner, propagate: propagate)
        case .string(let reference): try applyRemote(reference, to: &result, manner)
        case .object(let object): try apply(object, to: &result, manner)
        default:
            throw LinkedDataError(.invalidLocalContext, nil,
                                  "A context must be null, a URL or an object, not \(local.kind).")
        }
    }

    private func nullify(
        _ result: inout ContextState, _ manner: ContextManner, propagate: Bool
    ) throws(LinkedDataError) {
        guard manner.overridesProtected || result.protectedCount == 0 else {
            let term = result.terms.values.filter(\.definition.isProtected).map(\.name).min { $0.precedes($1) }
            throw LinkedDataError(.invalidContextNullification, term,
                                  "A context with protected terms cannot be set to null.")
        }
        var fresh = ContextState(base: options.base)
        if !propagate { fresh.previous = result.previous ?? ActiveContext(result) }
        result = fresh
    }

    // MARK: By URL

    private func applyRemote(
        _ reference: String, to result: inout ContextState, _ manner: ContextManner
    ) throws(LinkedDataError) {
        let url = try resolve(reference, manner)
        if !manner.validatesScoped, manner.remote.contains(where: { $0.isExactly(url) }) { return }
        guard manner.remote.count < options.limits.remoteContextsMax else {
            throw is10 && manner.remote.contains { $0.isExactly(url) }
                ? LinkedDataError(rule: "jsonld.recursive_context_inclusion", term: url,
                                  message: "The context \(url) includes itself.")
                : LinkedDataError(.contextOverflow, url,
                                  "More than \(options.limits.remoteContextsMax) contexts include each other.")
        }
        let document = try load(url)
        guard let context = document[Keyword.context.rawValue] else {
            throw LinkedDataError(.invalidRemoteContext, url, "The document \(url) holds no @context.")
        }
        var inner = manner
        inner.base = url
        inner.remote.append(url)
        do { result = try process(result, context, inner) } catch {
            // A place inside another document is no place in this one.
            var error = error
            if error.pointer != "" {
                error.message = "\(error.message) (in \(url) at /@context\(error.pointer))"
                error.pointer = ""
            }
            throw error
        }
    }

    private func resolve(_ reference: String, _ manner: ContextManner) throws(LinkedDataError) -> String {
        if let base = manner.base, let url = IRI.resolve(reference, against: base) { return url }
        guard IRI.hasScheme(reference) else {
            throw LinkedDataError(.loadingRemoteContextFailed, reference,
                                  "The context's URL \(reference) is relative, and there is no base for it.")
        }
        return reference
    }

    private func load(_ url: String) throws(LinkedDataError) -> JSONObject {
        guard let document = source.document(at: url) else {
            throw LinkedDataError(.loadingRemoteContextFailed, url,
                                  "The context \(url) is not among those at hand, and none is fetched.")
        }
        guard case .object(let object) = document else {
            throw LinkedDataError(.invalidRemoteContext, url, "The document \(url) is no object.")
        }
        return object
    }

    // MARK: By value

    private func apply(
        _ object: JSONObject, to result: inout ContextState, _ manner: ContextManner
    ) throws(LinkedDataError) {
        try checkVersion(object)
        let local = try importing(object, manner)
        if manner.remote.isEmpty { try setBase(local, in: &result) }
        try setVocabulary(local, in: &result)
        try setLanguage(local, in: &result)
        try setDirection(local, in: &result)
        if let value = local[Keyword.propagate.rawValue] {
            guard !is10 else { throw notIn10("@propagate") }
            guard case .bool = value else {
                throw LinkedDataError(.invalidPropagateValue, nil, "@propagate must be true or false.")
            }
        }
        var isProtected = false
        if let value = local[Keyword.protected.rawValue] {
            guard !is10 else { throw notIn10("@protected") }
            guard case .bool(let flag) = value else {
                throw LinkedDataError(.invalidProtectedValue, nil, "@protected must be true or false.")
            }
            isProtected = flag
        }
        // The first definition copies the table of the context below.
        try spend(local.count + result.terms.count)
        let definer = TermDefiner(self, result, local, manner, isProtected: isProtected)
        result = ContextState(base: nil)
        try definer.defineAll()
        result = definer.state
    }

    private func notIn10(_ keyword: String) -> LinkedDataError {
        LinkedDataError(.invalidContextEntry, keyword, "\(keyword) is not of JSON-LD 1.0.")
    }

    private func checkVersion(_ local: JSONObject) throws(LinkedDataError) {
        guard let version = local[Keyword.version.rawValue] else { return }
        guard version.number?.double == 1.1 else {
            throw LinkedDataError(.invalidVersionValue, nil, "@version must be the number 1.1.")
        }
        guard !is10 else {
            throw LinkedDataError(.processingModeConflict, nil, "The context is of JSON-LD 1.1, the processing of 1.0.")
        }
    }

    /// The context with the members of the one it imports beneath its own.
    private func importing(_ local: JSONObject, _ manner: ContextManner) throws(LinkedDataError) -> JSONObject {
        guard let value = local[Keyword.import.rawValue] else { return local }
        guard !is10 else { throw notIn10("@import") }
        guard case .string(let reference) = value else {
            throw LinkedDataError(.invalidImportValue, nil, "@import must be a URL.")
        }
        let url = try resolve(reference, manner)
        guard case .object(var imported)? = try load(url)[Keyword.context.rawValue] else {
            throw LinkedDataError(.invalidRemoteContext, url, "The context imported from \(url) must be one object.")
        }
        guard imported[Keyword.import.rawValue] == nil else {
            throw LinkedDataError(.invalidContextEntry, url, "An imported context must not import another.")
        }
        try spend(imported.count + local.count)
        for member in local.members where member.name != Keyword.import.rawValue { imported[member.name] = member.value }
        return imported
    }

    private func setBase(_ local: JSONObject, in result: inout ContextState) throws(LinkedDataError) {
        guard let value = local[Keyword.base.rawValue] else { return }
        switch value {
        case .null: result.base = nil
        case .string(let iri):
            if IRI.hasScheme(iri) { result.base = iri } else if let base = result.base,
                let resolved = IRI.resolve(iri, against: base) { result.base = resolved } else {
                throw LinkedDataError(.invalidBaseIRI, iri, "@base is relative, and there is no base for it.")
            }
        default: throw LinkedDataError(.invalidBaseIRI, nil, "@base must be an IRI or null.")
        }
    }

    private func setVocabulary(_ local: JSONObject, in result: inout ContextState) throws(LinkedDataError) {
        guard let value = local[Keyword.vocab.rawValue] else { return }
        switch value {
        case .null: result.vocab = nil
        case .string(let text):
            let isAbsolute = text.hasPrefix("_:") || IRI.hasScheme(text)
            guard isAbsolute || !is10, let iri = result.iri(text, isRelative: true, isVocabulary: true) else {
                throw LinkedDataError(.invalidVocabMapping, text, "@vocab must be an IRI.")
            }
            try made(iri)
            result.vocab = iri
        default: throw LinkedDataError(.invalidVocabMapping, nil, "@vocab must be an IRI or null.")
        }
    }

    private func setLanguage(_ local: JSONObject, in result: inout ContextState) throws(LinkedDataError) {
        guard let value = local[Keyword.language.rawValue] else { return }
        switch value {
        case .null: result.language = nil
        case .string(let language): result.language = try languageTag(language)
        default: throw LinkedDataError(.invalidDefaultLanguage, nil, "@language must be text or null.")
        }
    }

    private func setDirection(_ local: JSONObject, in result: inout ContextState) throws(LinkedDataError) {
        guard let value = local[Keyword.direction.rawValue] else { return }
        guard !is10 else { throw notIn10("@direction") }
        result.direction = try Self.direction(value)
    }

    /// `ltr`, `rtl`, or nil for null.
    static func direction(_ value: JSONValue) throws(LinkedDataError) -> BaseDirection? {
        if value.isNull { return nil }
        guard let direction = value.text.flatMap({ BaseDirection(rawValue: $0) }) else {
            throw LinkedDataError(.invalidBaseDirection, value.text, "@direction must be ltr, rtl or null.")
        }
        return direction
    }

    /// In lower case, as the other processors have it. In safe mode it must be a language tag.
    func languageTag(_ text: String) throws(LinkedDataError) -> String {
        if isSafe, !LanguageTag.isWellFormed(text) {
            throw LinkedDataError(.malformedLanguage, text, "\(text) is no language tag.")
        }
        return text.lowercased()
    }
}

/// BCP 47 as far as RDF asks: letters, then letters and digits in parts of at most eight.
enum LanguageTag {
    static func isWellFormed(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.enumerated().allSatisfy { place, part in
            (1...8).contains(part.count) && part.allSatisfy { byte in
                (0x61...0x7A).contains(byte | 0x20) || (place > 0 && (0x30...0x39).contains(byte))
            }
        }
    }
}
