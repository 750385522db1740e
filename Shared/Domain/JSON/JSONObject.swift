/// The members of a JSON object in the order they were written, each name once.
package struct JSONObject: Sendable {
    package struct Member: Sendable, Hashable {
        package let name: String
        package var value: JSONValue
    }

    package private(set) var members: [Member]
    /// Places by name, once there are so many members that looking through them is slower.
    private var places: [String: Int]?
    private static let indexedFrom = 16

    package init() { members = [] }

    /// Of two equal names the last one counts, at the place of the first.
    package init(_ pairs: some Sequence<(String, JSONValue)>) {
        self.init()
        for (name, value) in pairs { self[name] = value }
    }

    /// Members whose names are known to differ.
    init(distinct members: [Member]) {
        self.members = members
        places = Self.index(members)
    }

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }
    package var names: [String] { members.map(\.name) }

    /// Setting nil removes the member; setting a new name appends it.
    package subscript(name: String) -> JSONValue? {
        get { place(of: name).map { members[$0].value } }
        set {
            switch (place(of: name), newValue) {
            case (let place?, let value?): members[place].value = value
            case (nil, let value?):
                members.append(Member(name: name, value: value))
                if places != nil { places?[name] = members.count - 1 } else { places = Self.index(members) }
            case (let place?, nil):
                members.remove(at: place)
                places = Self.index(members)
            case (nil, nil): break
            }
        }
    }

    package func has(_ name: String) -> Bool { place(of: name) != nil }

    func place(of name: String) -> Int? {
        if let places { return places[name] }
        return members.firstIndex { $0.name == name }
    }

    private static func index(_ members: [Member]) -> [String: Int]? {
        guard members.count > indexedFrom else { return nil }
        var places = [String: Int](minimumCapacity: members.count)
        for (place, member) in members.enumerated() { places[member.name] = place }
        return places
    }
}

extension JSONObject: Hashable {
    package static func == (one: Self, other: Self) -> Bool {
        guard one.count == other.count else { return false }
        for (place, member) in one.members.enumerated() {
            let beside = other.members[place]
            if beside.name == member.name {
                guard beside.value == member.value else { return false }
            } else {
                guard other[member.name] == member.value else { return false }
            }
        }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        // Order must not show, as it does not in ==.
        var sum = 0
        for member in members { sum &+= member.hashValue }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) { self.init(members) }
}
