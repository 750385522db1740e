import Domain

/// From the expanded form to quads (JSON-LD API §7 and §8), node by node. The node map of the specification is left
/// out: merging nodes of one name changes nothing in a set of quads.
struct RDFWriter {
    private let options: JSONLDOptions
    private(set) var dataset = RDFDataset()
    private var labels: [ExactText: String] = [:]
    private var labelCount = 0
    private var bytes = 0

    /// Where the quads of a node go. A graph whose name is no IRI is dropped, and its quads with it.
    private enum Graph {
        case named(RDFTerm?)
        case dropped
    }

    init(options: JSONLDOptions) {
        self.options = options
        dataset.quads.reserveCapacity(64)
    }

    mutating func write(_ items: [ExpandedItem]) throws(LinkedDataError) {
        for item in items { _ = try term(for: item, in: .named(nil)) }
    }

    // MARK: Nodes

    /// Writes what the item says and gives the term it is referred to by; nil when there is none in RDF.
    private mutating func term(for item: ExpandedItem, in graph: Graph) throws(LinkedDataError) -> RDFTerm? {
        switch item {
        case .node(let node): try write(node, in: graph)
        case .value(let value): try literal(value, in: graph)
        case .list(let list): try write(list.items, in: graph)
        }
    }

    private mutating func write(_ node: ExpandedNode, in graph: Graph) throws(LinkedDataError) -> RDFTerm? {
        let subject = try subject(of: node)
        for type in node.types ?? [] {
            try add(subject, .iri(Vocabulary.type), try resource(type, "type"), in: graph)
        }
        for entry in node.properties.entries {
            let predicate = try predicate(entry.iri)
            for item in entry.items {
                let object = try term(for: item, in: graph)
                try add(subject, predicate, object, in: graph)
            }
        }
        for entry in node.reverse?.entries ?? [] {
            let predicate = try predicate(entry.iri)
            for item in entry.items {
                let other = try term(for: item, in: graph)
                try add(other, predicate, subject, in: graph)
            }
        }
        if let items = node.graph {
            let inner: Graph = subject.map { .named($0) } ?? .dropped
            for item in items { _ = try term(for: item, in: inner) }
        }
        for item in node.included ?? [] { _ = try term(for: item, in: graph) }
        return subject
    }

    private mutating func subject(of node: ExpandedNode) throws(LinkedDataError) -> RDFTerm? {
        guard node.hasID else { return freshBlank() }
        guard let id = node.id else { return nil }
        return try resource(id, "identifier")
    }

    /// An IRI or a blank node; nil for anything else, which safe mode refuses.
    private mutating func resource(_ text: String, _ what: String) throws(LinkedDataError) -> RDFTerm? {
        if text.utf8.first == UInt8(ascii: "_"), text.utf8.starts(with: "_:".utf8) { return blank(text) }
        if IRI.isAbsolute(text) { return .iri(text) }
        if options.isSafe { throw LinkedDataError(.malformedIRI, text, "The \(what) \(text) is no IRI.") }
        return nil
    }

    private mutating func predicate(_ text: String) throws(LinkedDataError) -> RDFTerm? {
        let predicate = try resource(text, "property")
        if case .blank? = predicate, !options.producesGeneralizedRDF { return nil }
        return predicate
    }

    private mutating func add(
        _ subject: RDFTerm?, _ predicate: RDFTerm?, _ object: RDFTerm?, in graph: Graph
    ) throws(LinkedDataError) {
        guard let subject, let predicate, let object, case .named(let name) = graph else { return }
        let limits = options.limits
        guard dataset.quads.count < limits.quadsMax else {
            throw LinkedDataError(.tooManyQuads, nil, "The document means more than \(limits.quadsMax) quads.")
        }
        bytes += subject.size + predicate.size + object.size + (name?.size ?? 0)
        guard bytes <= limits.bytesMax else {
            throw LinkedDataError(.tooManyBytes, nil, "The document means more than \(limits.bytesMax) bytes of RDF.")
        }
        dataset.quads.append(RDFQuad(subject, predicate, object, in: name))
    }

    // MARK: Blank nodes

    private mutating func freshBlank() -> RDFTerm {
        defer { labelCount += 1 }
        return .blank("b\(labelCount)")
    }

    /// The document's labels are renamed, so that they cannot meet those made here.
    private mutating func blank(_ text: String) -> RDFTerm {
        if let known = labels[ExactText(text)] { return .blank(known) }
        let label = "b\(labelCount)"
        labelCount += 1
        labels[ExactText(text)] = label
        return .blank(label)
    }

    // MARK: Lists (§8.4)

    private mutating func write(_ items: [ExpandedItem], in graph: Graph) throws(LinkedDataError) -> RDFTerm? {
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

    private mutating func literal(_ value: ExpandedValue, in graph: Graph) throws(LinkedDataError) -> RDFTerm? {
        if value.type == Keyword.json.rawValue {
            let text = String(decoding: try JCS.canonicalize(value.value), as: UTF8.self)
            return .literal(text, datatype: Vocabulary.json, language: nil)
        }
        if let type = value.type, !IRI.isAbsolute(type) {
            if options.isSafe { throw LinkedDataError(.malformedIRI, type, "The datatype \(type) is no IRI.") }
            return nil
        }
        switch value.value {
        case .bool(let flag):
            return .literal(flag ? "true" : "false", datatype: value.type ?? Vocabulary.boolean, language: nil)
        case .number(let number):
            return try literal(number, type: value.type)
        case .string(let text):
            return try literal(text, value, in: graph)
        default: return nil
        }
    }

    private func literal(_ number: JSONNumber, type: String?) throws(LinkedDataError) -> RDFTerm {
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
    ) throws(LinkedDataError) -> RDFTerm? {
        if let language = value.language, !LanguageTag.isWellFormed(language) { return nil }
        if let direction = value.direction { return try literal(text, value.language, direction, in: graph) }
        if let language = value.language {
            return .literal(text, datatype: Vocabulary.langString, language: language)
        }
        return .literal(text, datatype: value.type ?? Vocabulary.string, language: nil)
    }

    private mutating func literal(
        _ text: String, _ language: String?, _ direction: BaseDirection, in graph: Graph
    ) throws(LinkedDataError) -> RDFTerm {
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
            func plain(_ text: String) -> RDFTerm { .literal(text, datatype: Vocabulary.string, language: nil) }
            try add(node, .iri(Vocabulary.value), plain(text), in: graph)
            if let language { try add(node, .iri(Vocabulary.language), plain(language.lowercased()), in: graph) }
            try add(node, .iri(Vocabulary.direction), plain(direction.rawValue), in: graph)
            return node
        }
    }
}

extension RDFTerm {
    /// Bytes of text.
    fileprivate var size: Int {
        switch self {
        case .iri(let text), .blank(let text): text.utf8.count
        case .literal(let text, let datatype, let language): text.utf8.count + datatype.utf8.count + (language?.utf8.count ?? 0)
        }
    }
}
