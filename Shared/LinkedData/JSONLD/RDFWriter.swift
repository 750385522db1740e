import Domain

/// A term of a quad in the making; blank nodes are numbers.
enum QuadTerm {
    case iri(String)
    case blank(Int)
    /// A datatype is always given, as in `RDFTerm`.
    case literal(String, datatype: String, language: String?)

    /// Bytes of text.
    var size: Int {
        switch self {
        case .iri(let text): text.utf8.count
        case .blank: 4
        case .literal(let text, let datatype, let language): text.utf8.count + datatype.utf8.count + (language?.utf8.count ?? 0)
        }
    }
}

/// Where quads go: into a dataset, or straight into the lines that are canonicalized.
protocol QuadSink {
    mutating func add(
        _ subject: QuadTerm, _ predicate: QuadTerm, _ object: QuadTerm, in graph: QuadTerm?
    ) throws(LinkedDataError)
}

/// From the expanded form to quads (JSON-LD API §7 and §8), node by node. The node map of the specification is left
/// out: merging nodes of one name changes nothing in a set of quads.
struct RDFWriter<Sink: QuadSink> {
    private let options: JSONLDOptions
    private(set) var sink: Sink
    /// Numbers of the document's own blank nodes.
    private var numbers: [ExactText: Int] = [:]
    private var blankCount = 0
    private var quadCount = 0
    private var bytes = 0

    /// Where the quads of a node go. A graph whose name is no IRI is dropped, and its quads with it.
    private enum Graph {
        case named(QuadTerm?)
        case dropped
    }

    init(options: JSONLDOptions, sink: Sink) {
        self.options = options
        self.sink = sink
    }

    mutating func write(_ items: [ExpandedItem]) throws(LinkedDataError) {
        for item in items { _ = try term(for: item, in: .named(nil)) }
    }

    // MARK: Nodes

    /// Writes what the item says and gives the term it is referred to by; nil when there is none in RDF.
    private mutating func term(for item: ExpandedItem, in graph: Graph) throws(LinkedDataError) -> QuadTerm? {
        switch item {
        case .node(let node): try write(node, in: graph)
        case .value(let value): try literal(value, in: graph)
        case .list(let list): try write(list.items, in: graph)
        }
    }

    private mutating func write(_ node: ExpandedNode, in graph: Graph) throws(LinkedDataError) -> QuadTerm? {
        let subject = node.hasID ? try node.id.flatMap { (id) throws(LinkedDataError) in try term(for: id, "identifier") } : freshBlank()
        for type in node.types ?? [] {
            try add(subject, .iri(Vocabulary.type), try term(for: type, "type"), in: graph)
        }
        for entry in node.properties.entries {
            let predicate = try predicate(entry.property)
            try entry.values.forEach { (item) throws(LinkedDataError) in
                try add(subject, predicate, try term(for: item, in: graph), in: graph)
            }
        }
        for entry in node.reverse?.entries ?? [] {
            let predicate = try predicate(entry.property)
            try entry.values.forEach { (item) throws(LinkedDataError) in
                try add(try term(for: item, in: graph), predicate, subject, in: graph)
            }
        }
        if let items = node.graph {
            let inner: Graph = subject.map { .named($0) } ?? .dropped
            for item in items { _ = try term(for: item, in: inner) }
        }
        for item in node.included ?? [] { _ = try term(for: item, in: graph) }
        return subject
    }

    /// An IRI or a blank node; nil for anything else, which safe mode refuses.
    private mutating func term(for name: ResourceName, _ what: String) throws(LinkedDataError) -> QuadTerm? {
        switch name.kind {
        case .iri: return .iri(name.text)
        case .blank: return blank(name.text)
        case .other:
            guard options.isSafe else { return nil }
            throw LinkedDataError(.malformedIRI, name.text, "The \(what) \(name.text) is no IRI.")
        }
    }

    private mutating func predicate(_ name: ResourceName) throws(LinkedDataError) -> QuadTerm? {
        if name.kind == .blank, !options.producesGeneralizedRDF { return nil }
        return try term(for: name, "property")
    }

    private mutating func add(
        _ subject: QuadTerm?, _ predicate: QuadTerm?, _ object: QuadTerm?, in graph: Graph
    ) throws(LinkedDataError) {
        guard let subject, let predicate, let object, case .named(let name) = graph else { return }
        let limits = options.limits
        guard quadCount < limits.quadsMax else {
            throw LinkedDataError(.tooManyQuads, nil, "The document means more than \(limits.quadsMax) quads.")
        }
        quadCount += 1
        bytes += subject.size + predicate.size + object.size + (name?.size ?? 0)
        guard bytes <= limits.bytesMax else {
            throw LinkedDataError(.tooManyBytes, nil, "The document means more than \(limits.bytesMax) bytes of RDF.")
        }
        try sink.add(subject, predicate, object, in: name)
    }

    // MARK: Blank nodes

    private mutating func freshBlank() -> QuadTerm {
        defer { blankCount += 1 }
        return .blank(blankCount)
    }

    /// The document's labels become numbers like those made here, so that the two cannot meet.
    private mutating func blank(_ label: String) -> QuadTerm {
        if let known = numbers[ExactText(label)] { return .blank(known) }
        numbers[ExactText(label)] = blankCount
        return freshBlank()
    }

    // MARK: Lists (§8.4)

    private mutating func write(_ items: [ExpandedItem], in graph: Graph) throws(LinkedDataError) -> QuadTerm? {
        guard !items.isEmpty else { return .iri(Vocabulary.nothing) }
        let cells = items.map { _ in freshBlank() }
        for (place, item) in items.enumerated() {
            try add(cells[place], .iri(Vocabulary.first), try term(for: item, in: graph), in: graph)
            let rest = place + 1 < cells.count ? cells[place + 1] : .iri(Vocabulary.nothing)
            try add(cells[place], .iri(Vocabulary.rest), rest, in: graph)
        }
        return cells[0]
    }

    // MARK: Literals (§8.2.2)

    private mutating func literal(_ value: ExpandedValue, in graph: Graph) throws(LinkedDataError) -> QuadTerm? {
        if let type = value.type, type.kind != .iri {
            guard type.text != Keyword.json.rawValue else {
                let text = String(decoding: try JCS.canonicalize(value.value), as: UTF8.self)
                return .literal(text, datatype: Vocabulary.json, language: nil)
            }
            if options.isSafe { throw LinkedDataError(.malformedIRI, type.text, "The datatype \(type.text) is no IRI.") }
            return nil
        }
        switch value.value {
        case .bool(let flag):
            return .literal(flag ? "true" : "false", datatype: value.type?.text ?? Vocabulary.boolean, language: nil)
        case .number(let number):
            return try literal(number, type: value.type?.text)
        case .string(let text):
            return try literal(text, value, in: graph)
        default: return nil
        }
    }

    private func literal(_ number: JSONNumber, type: String?) throws(LinkedDataError) -> QuadTerm {
        let double = number.double
        guard double.truncatingRemainder(dividingBy: 1) == 0, double.magnitude < 1e21, type != Vocabulary.double else {
            return .literal(XSDNumber.double(double), datatype: type ?? Vocabulary.double, language: nil)
        }
        // Beyond 2^53 some processors round to a double and some do not, so signatures would not agree.
        if options.isSafe, double.magnitude > 9_007_199_254_740_991 {
            throw LinkedDataError(.impreciseNumber, number.text, "\(number.text) is too large for a number; write it as text.")
        }
        return .literal(XSDNumber.integer(double), datatype: type ?? Vocabulary.integer, language: nil)
    }

    private mutating func literal(
        _ text: String, _ value: ExpandedValue, in graph: Graph
    ) throws(LinkedDataError) -> QuadTerm? {
        if let language = value.language, !LanguageTag.isWellFormed(language) { return nil }
        if let direction = value.direction { return try literal(text, value.language, direction, in: graph) }
        if let language = value.language {
            return .literal(text, datatype: Vocabulary.langString, language: language)
        }
        return .literal(text, datatype: value.type?.text ?? Vocabulary.string, language: nil)
    }

    private mutating func literal(
        _ text: String, _ language: String?, _ direction: BaseDirection, in graph: Graph
    ) throws(LinkedDataError) -> QuadTerm {
        switch options.rdfDirection {
        case nil:
            if options.isSafe {
                throw LinkedDataError(.directionLost, text, "The direction of a text would be lost in RDF.")
            }
            return .literal(text, datatype: language == nil ? Vocabulary.string : Vocabulary.langString, language: language)
        case .i18nDatatype:
            let datatype = "\(Vocabulary.i18n)\((language ?? "").lowercased())_\(direction.rawValue)"
            return .literal(text, datatype: datatype, language: nil)
        case .compoundLiteral:
            let node = freshBlank()
            func plain(_ text: String) -> QuadTerm { .literal(text, datatype: Vocabulary.string, language: nil) }
            try add(node, .iri(Vocabulary.value), plain(text), in: graph)
            if let language { try add(node, .iri(Vocabulary.language), plain(language.lowercased()), in: graph) }
            try add(node, .iri(Vocabulary.direction), plain(direction.rawValue), in: graph)
            return node
        }
    }
}
