import Domain

/// One run over one document: what it counts, and the algorithms, in the extensions of this type.
final class Expander {
    let options: JSONLDOptions
    let source: any ContextSource
    let shared: SharedContexts
    /// Scoped contexts that were computed in this run and are not shared.
    var scoped: [ScopedKey: ActiveContext] = [:]
    var alive: [(ActiveContext, Term?)] = []
    private var contextWork = 0
    private var bytes = 0

    struct ScopedKey: Hashable {
        var context: ObjectIdentifier
        var step: ActiveContext.Step
    }

    init(options: JSONLDOptions, source: any ContextSource, shared: SharedContexts) {
        self.options = options
        self.source = source
        self.shared = shared
    }

    var isSafe: Bool { options.isSafe }
    var is10: Bool { options.mode == .jsonLD10 }

    /// Counts term definitions made or carried over.
    func spend(_ terms: Int) throws(LinkedDataError) {
        contextWork += terms
        guard contextWork <= options.limits.contextWorkMax else {
            throw LinkedDataError(.contextWork, nil, "The contexts need more than \(options.limits.contextWorkMax) term definitions.")
        }
    }

    /// Counts text that was made, so that a long prefix used often cannot fill memory.
    func made(_ text: String) throws(LinkedDataError) {
        bytes += text.utf8.count
        guard bytes <= options.limits.bytesMax else {
            throw LinkedDataError(.tooManyBytes, nil, "The document means more than \(options.limits.bytesMax) bytes of RDF.")
        }
    }

    func checkDepth(_ depth: Int) throws(LinkedDataError) {
        guard depth <= options.limits.depthMax else {
            throw LinkedDataError(.tooDeep, nil, "Values are nested deeper than \(options.limits.depthMax).")
        }
    }
}

// MARK: Contexts by how they are reached

extension Expander {
    /// The context after the value of an `@context` in a document.
    func context(_ active: ActiveContext, with local: JSONValue) throws(LinkedDataError) -> ActiveContext {
        guard let urls = Self.urls(local) else {
            return ActiveContext(try process(active, local, base: options.base))
        }
        return try derive(active, by: .urls(urls), of: nil) { () throws(LinkedDataError) in
            try process(active, local, base: options.base)
        }
    }

    /// The context inside the value of a property whose term scopes one.
    func context(_ active: ActiveContext, inside term: Term) throws(LinkedDataError) -> ActiveContext {
        guard let local = term.definition.context else { return active }
        return try derive(active, by: .property(ObjectIdentifier(term)), of: term) { () throws(LinkedDataError) in
            try process(active, local, base: term.definition.contextBase, overrideProtected: true)
        }
    }

    /// The context of a node whose type scopes one.
    func context(_ active: ActiveContext, ofType term: Term) throws(LinkedDataError) -> ActiveContext {
        guard let local = term.definition.context else { return active }
        return try derive(active, by: .type(ObjectIdentifier(term)), of: term) { () throws(LinkedDataError) in
            try process(active, local, base: term.definition.contextBase, propagate: false)
        }
    }

    /// Nil unless the context is given by URLs alone.
    private static func urls(_ local: JSONValue) -> [String]? {
        switch local {
        case .string(let url): return [url]
        case .array(let elements):
            var urls: [String] = []
            urls.reserveCapacity(elements.count)
            for element in elements {
                guard case .string(let url) = element else { return nil }
                urls.append(url)
            }
            return urls
        default: return nil
        }
    }

    private func derive(
        _ active: ActiveContext, by step: ActiveContext.Step, of term: Term?,
        _ compute: () throws(LinkedDataError) -> ContextState
    ) throws(LinkedDataError) -> ActiveContext {
        if active.isShared {
            if let known = active.derived(by: step) { return known }
            let state = try compute()
            guard let context = shared.keep(state) else { return ActiveContext(state) }
            active.remember(context, by: step, of: term)
            return context
        }
        let key = ScopedKey(context: ObjectIdentifier(active), step: step)
        if let known = scoped[key] { return known }
        let context = ActiveContext(try compute())
        // Identities stay unique while the objects live, so what the key names is kept as well.
        scoped[key] = context
        alive.append((active, term))
        return context
    }
}
