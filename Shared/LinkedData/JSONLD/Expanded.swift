import Domain

/// What expansion makes of one value.
enum Expanded {
    case nothing
    case one(ExpandedItem)
    case many([ExpandedItem])

    var items: [ExpandedItem] {
        switch self {
        case .nothing: []
        case .one(let item): [item]
        case .many(let items): items
        }
    }

    func forEach(_ body: (ExpandedItem) throws(LinkedDataError) -> Void) throws(LinkedDataError) {
        switch self {
        case .nothing: break
        case .one(let item): try body(item)
        case .many(let items): for item in items { try body(item) }
        }
    }

    mutating func append(_ more: Expanded, first: Bool) {
        var items = items
        // So that the array is held once and grows in place.
        self = .nothing
        if first { items.insert(contentsOf: more.items, at: 0) } else { items.append(contentsOf: more.items) }
        self = .many(items)
    }
}

enum ExpandedItem {
    case node(ExpandedNode)
    case value(ExpandedValue)
    case list(ExpandedList)

    var isNode: Bool { if case .node = self { true } else { false } }
}

final class ExpandedValue {
    let value: JSONValue
    /// A datatype's IRI, `@json`, or nil.
    let type: ResourceName?
    let language: String?
    let direction: BaseDirection?
    var index: String?

    init(_ value: JSONValue, type: ResourceName? = nil, language: String? = nil, direction: BaseDirection? = nil) {
        self.value = value
        self.type = type
        self.language = language
        self.direction = direction
    }
}

final class ExpandedList {
    let items: [ExpandedItem]
    var index: String?

    init(_ items: [ExpandedItem], index: String? = nil) {
        self.items = items
        self.index = index
    }
}

/// A node object. Also the draft of what turns out to be a value, a list or a set: those parts are in `draft`.
final class ExpandedNode {
    var hasID = false
    /// Nil with `hasID`: the identifier was ignored.
    var id: ResourceName?
    var types: [ResourceName]?
    var properties = PropertyMap()
    var reverse: PropertyMap?
    var graph: [ExpandedItem]?
    var included: [ExpandedItem]?
    var index: String?

    init() {}

    init(graph: [ExpandedItem]) { self.graph = graph }

    /// A node object with `@graph` and at most `@id` and `@index`.
    var isGraph: Bool {
        graph != nil && types == nil && properties.isEmpty && reverse == nil && included == nil
    }

    var isEmpty: Bool { !hasID && isOnlyID && index == nil }

    /// Nothing but an identifier, if that.
    var isOnlyID: Bool {
        types == nil && properties.isEmpty && reverse == nil && graph == nil && included == nil && index == nil
    }
}

/// Parts of a draft that a node object does not have.
struct ExpandedDraft {
    /// Present, possibly null.
    var value: JSONValue?
    var language: String?
    var direction: BaseDirection?
    var list: [ExpandedItem]?
    var set: Expanded?

    var isPlain: Bool { value == nil && language == nil && direction == nil && list == nil && set == nil }
}

/// Values by property, in the order the properties came.
struct PropertyMap {
    private(set) var entries: [(property: ResourceName, values: Expanded)] = []
    private var places: [ExactText: Int]?
    private static let indexedFrom = 16

    var isEmpty: Bool { entries.isEmpty }

    /// For so many properties, if they are few.
    mutating func reserve(_ count: Int) { entries.reserveCapacity(min(count, Self.indexedFrom)) }

    /// Adding nothing still makes the property present.
    mutating func add(_ values: Expanded, to property: ResourceName, first: Bool = false) {
        if let place = place(of: property.text) { return entries[place].values.append(values, first: first) }
        entries.append((property, values))
        if places != nil { places?[ExactText(property.text)] = entries.count - 1 } else if entries.count > Self.indexedFrom {
            places = [:]
            for (place, entry) in entries.enumerated() { places?[ExactText(entry.property.text)] = place }
        }
    }

    private func place(of iri: String) -> Int? {
        if let places { return places[ExactText(iri)] }
        return entries.firstIndex { $0.property.text.isExactly(iri) }
    }
}

// MARK: As JSON

extension ExpandedItem {
    var json: JSONValue {
        switch self {
        case .node(let node): node.json
        case .value(let value): value.json
        case .list(let list): list.json
        }
    }

    static func json(_ items: [ExpandedItem]) -> JSONValue { .array(items.map(\.json)) }
}

extension ExpandedList {
    fileprivate var json: JSONValue {
        var object = JSONObject([("@list", ExpandedItem.json(items))])
        object["@index"] = index.map { .string($0) }
        return .object(object)
    }
}

extension ExpandedValue {
    fileprivate var json: JSONValue {
        var object = JSONObject([("@value", value)])
        object["@type"] = type.map { .string($0.text) }
        object["@language"] = language.map { .string($0) }
        object["@direction"] = direction.map { .string($0.rawValue) }
        object["@index"] = index.map { .string($0) }
        return .object(object)
    }
}

extension ExpandedNode {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        if hasID { object["@id"] = id.map { .string($0.text) } ?? .null }
        object["@type"] = types.map { .array($0.map { .string($0.text) }) }
        object["@index"] = index.map { .string($0) }
        object["@graph"] = graph.map(ExpandedItem.json)
        object["@included"] = included.map(ExpandedItem.json)
        object["@reverse"] = reverse.map { .object(JSONObject($0.entries.map { ($0.property.text, ExpandedItem.json($0.values.items)) })) }
        for entry in properties.entries { object[entry.property.text] = ExpandedItem.json(entry.values.items) }
        return .object(object)
    }
}
