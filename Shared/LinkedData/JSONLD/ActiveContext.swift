import Domain
import Synchronization

/// What a term means (JSON-LD API §4.1).
struct TermDefinition: Hashable, Sendable {
    enum TypeMapping: Hashable, Sendable {
        case id, vocab, json, none
        case iri(String)
    }

    /// Set explicitly, possibly to nothing.
    enum Override<Value: Hashable & Sendable>: Hashable, Sendable {
        case inherited
        case set(Value?)
    }

    /// Nil decouples the term: it means nothing.
    var iri: String?
    var isPrefix = false
    var isProtected = false
    var isReverse = false
    var container: Container = []
    var type: TypeMapping?
    var language: Override<String> = .inherited
    var direction: Override<BaseDirection> = .inherited
    /// The property that takes the key of an index map.
    var index: String?
    var nest: String?
    /// The scoped context, and the base its relative references have.
    var context: JSONValue?
    var contextBase: String?
}

struct Container: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let list = Container(rawValue: 1)
    static let set = Container(rawValue: 2)
    static let index = Container(rawValue: 4)
    static let language = Container(rawValue: 8)
    static let id = Container(rawValue: 16)
    static let type = Container(rawValue: 32)
    static let graph = Container(rawValue: 64)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(keyword: String) {
        switch Keyword(keyword) {
        case .list: self = .list
        case .set: self = .set
        case .index: self = .index
        case .language: self = .language
        case .id: self = .id
        case .type: self = .type
        case .graph: self = .graph
        default: return nil
        }
    }
}

/// A definition with identity, under which contexts that it scopes are remembered.
final class Term: Sendable {
    let name: String
    let definition: TermDefinition
    let keyword: Keyword?
    let scopesContext: Bool
    /// What it stands for as a property or a type; nil when it means nothing.
    let resource: ResourceName?
    /// The type its values have whatever they are: an IRI, or `@json`.
    let datatype: ResourceName?

    init(_ name: String, _ definition: TermDefinition) {
        self.name = name
        self.definition = definition
        keyword = definition.iri.flatMap { Keyword($0) }
        scopesContext = definition.context != nil
        resource = definition.iri.map { ResourceName($0) }
        datatype = switch definition.type {
        case .iri(let iri)?: ResourceName(iri)
        case .json?: ResourceName(Keyword.json.rawValue)
        default: nil
        }
    }
}

/// The values of a context while it is computed.
struct ContextState: Sendable {
    var base: String?
    var vocab: String?
    var language: String?
    var direction: BaseDirection?
    /// The context to go back to in the next node object, when this one does not propagate.
    var previous: ActiveContext?
    private(set) var terms: [ExactText: Term] = [:]
    /// Keys that mean `@type`, sorted; those that mean `@id`; those that mean `@value`.
    private(set) var typeKeys = [Keyword.type.rawValue]
    private(set) var idKeys = [Keyword.id.rawValue]
    private(set) var valueKeys = [Keyword.value.rawValue]
    private(set) var protectedCount = 0

    func term(_ name: String) -> Term? { terms[ExactText(name)] }

    mutating func remove(_ name: String) -> Term? {
        guard let old = terms.removeValue(forKey: ExactText(name)) else { return nil }
        if old.definition.isProtected { protectedCount -= 1 }
        if old.keyword != nil, name != Keyword.type.rawValue {
            typeKeys.removeAll { $0.isExactly(name) }
            idKeys.removeAll { $0.isExactly(name) }
            valueKeys.removeAll { $0.isExactly(name) }
        }
        return old
    }

    /// The name must have been removed.
    mutating func define(_ term: Term) {
        terms[ExactText(term.name)] = term
        if term.definition.isProtected { protectedCount += 1 }
        guard term.name != Keyword.type.rawValue else { return }
        switch term.keyword {
        case .type:
            typeKeys.append(term.name)
            typeKeys.sort { $0.precedes($1) }
        case .id: idKeys.append(term.name)
        case .value: valueKeys.append(term.name)
        default: break
        }
    }
}

/// A computed context: immutable, shared between documents and threads.
final class ActiveContext: Sendable {
    let state: ContextState
    /// True when it lives as long as the processor and may remember what was computed from it.
    let isShared: Bool

    /// How one context was computed from another.
    enum Step: Hashable {
        case property(ObjectIdentifier)
        case type(ObjectIdentifier)
        case urls([String])
    }

    /// The term is kept so that its identity stays its own.
    private let derived = Mutex<[Step: (term: Term?, context: ActiveContext)]>([:])

    init(_ state: ContextState, isShared: Bool = false) {
        self.state = state
        self.isShared = isShared
    }

    func derived(by step: Step) -> ActiveContext? {
        derived.withLock { $0[step]?.context }
    }

    func remember(_ context: ActiveContext, by step: Step, of term: Term?) {
        derived.withLock { $0[step] = (term, context) }
    }

    func forget() { derived.withLock { $0 = [:] } }
}

/// The contexts a processor remembers: only so many, so that documents with ever new combinations cannot fill memory.
final class SharedContexts: Sendable {
    private let kept = Mutex<[ActiveContext]>([])
    private let countMax: Int

    init(countMax: Int) { self.countMax = countMax }

    /// A context to keep, or nil when there are enough.
    func keep(_ state: ContextState) -> ActiveContext? {
        kept.withLock { kept in
            guard kept.count < countMax else { return nil }
            let context = ActiveContext(state, isShared: true)
            kept.append(context)
            return context
        }
    }

    /// Contexts know each other in both directions.
    deinit { kept.withLock { for context in $0 { context.forget() } } }
}
