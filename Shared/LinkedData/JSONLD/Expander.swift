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
    private var contextDepth = 0
    /// Contexts within contexts and terms defined through terms, together; each level takes some kilobytes of stack.
    private static let contextDepthMax = 64
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

    /// Counts IRIs that were made or used, so that a long prefix or term used often can fill neither memory nor time.
    /// What is counted here may turn up twice in what becomes RDF.
    func made(_ text: String) throws(LinkedDataError) {
        bytes += text.utf8.count
        guard bytes <= 2 * options.limits.bytesMax else {
            throw LinkedDataError(.tooManyBytes, nil, "The document means more than \(options.limits.bytesMax) bytes of RDF.")
        }
    }

    func enterContext() throws(LinkedDataError) {
        guard contextDepth < Self.contextDepthMax else {
            throw LinkedDataError(.tooDeep, nil, "Contexts and terms depend on each other more than \(Self.contextDepthMax) deep.")
        }
        contextDepth += 1
    }

    func leaveContext() { contextDepth -= 1 }

    func checkDepth(_ depth: Int) throws(LinkedDataError) {
        guard depth <= options.limits.depthMax else {
            throw LinkedDataError(.tooDeep, nil, "Values are nested deeper than \(options.limits.depthMax).")
        }
    }
}

// MARK: Contexts by how they are reached

extension Expander {
    /// The context after the value of an `@context` in a document. URLs that come first are computed once for all.
    func context(_ active: ActiveContext, with local: JSONValue) throws(LinkedDataError) -> ActiveContext {
        let elements = local.array ?? [local]
        let urls = elements.prefix { $0.text != nil }.compactMap(\.text)
        var context = active
        if !urls.isEmpty {
            context = try derive(active, by: .urls(urls), of: nil) { () throws(LinkedDataError) in
                try process(active, urls.count == elements.count ? local : .array(Array(elements[..<urls.count])),
                            base: options.base)
            }
        }
        guard urls.count < elements.count || elements.isEmpty else { return context }
        guard case .array = local else { return ActiveContext(try process(context, local, base: options.base)) }
        for (place, element) in elements.enumerated().dropFirst(urls.count) {
            // Alone in an array it cannot say for itself that it does not propagate, as it could not among others.
            do { context = ActiveContext(try process(context, .array([element]), base: options.base)) } catch {
                var error = error
                if error.pointer.hasPrefix("/0") { error.pointer.removeFirst(2) }
                throw error.below(place)
            }
        }
        return context
    }

    /// The context inside the value of a property whose term scopes one.
    func context(_ active: ActiveContext, inside term: Term) throws(LinkedDataError) -> ActiveContext {
        guard term.scopesContext, let local = term.definition.context else { return active }
        return try derive(active, by: .property(ObjectIdentifier(term)), of: term) { () throws(LinkedDataError) in
            try process(active, local, base: term.definition.contextBase, overrideProtected: true)
        }
    }

    /// The context of a node whose type scopes one.
    func context(_ active: ActiveContext, ofType term: Term) throws(LinkedDataError) -> ActiveContext {
        guard term.scopesContext, let local = term.definition.context else { return active }
        return try derive(active, by: .type(ObjectIdentifier(term)), of: term) { () throws(LinkedDataError) in
            try process(active, local, base: term.definition.contextBase, propagate: false)
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
