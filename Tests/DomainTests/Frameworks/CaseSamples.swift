import Domain
import Foundation

/// A small package of our own, in which a test changes one member.
enum CaseSamples {
    static let document = "d0000000-0000-4000-8000-000000000001"
    static func item(_ number: Int) -> String { "10000000-0000-4000-8000-00000000000\(number)" }
    static func association(_ number: Int) -> String { "a0000000-0000-4000-8000-00000000000\(number)" }
    private static let base = "https://frameworks.example/ims/case/v1p1"
    private static let changed: JSONValue = "2026-08-01T09:30:00Z"

    static func itemObject(_ number: Int, _ statement: String) -> JSONValue {
        .object([
            "identifier": .string(item(number)), "uri": .string("\(base)/CFItems/\(item(number))"),
            "fullStatement": .string(statement), "lastChangeDateTime": changed,
        ])
    }

    static func childObject(_ number: Int, of parent: String, _ child: String, order: Int64? = nil) -> JSONValue {
        let isRoot = parent == document
        var object: JSONObject = [
            "identifier": .string(association(number)),
            "uri": .string("\(base)/CFAssociations/\(association(number))"),
            "associationType": "isChildOf", "lastChangeDateTime": changed,
            "originNodeURI": .object([
                "title": "child", "identifier": .string(child), "uri": .string("\(base)/CFItems/\(child)"),
            ]),
            "destinationNodeURI": .object([
                "title": "parent", "identifier": .string(parent),
                "uri": .string("\(base)/\(isRoot ? "CFDocuments" : "CFItems")/\(parent)"),
            ]),
        ]
        object["sequenceNumber"] = order.map { .number(JSONNumber($0)) }
        return .object(object)
    }

    /// The document, items 1 to 3 and their places: 1 and 3 below the document, 2 below 1.
    static let package: JSONValue = .object([
        "CFDocument": .object([
            "identifier": .string(document), "uri": .string("\(base)/CFDocuments/\(document)"),
            "creator": "Mountain State", "title": "Reading the Land", "lastChangeDateTime": changed, "language": "en",
        ]),
        "CFItems": .array([
            itemObject(1, "Reads a map of *contour lines*."), itemObject(2, "Finds $\\frac{1}{2}$ < slope & > 0."),
            itemObject(3, "Plans a walk."),
        ]),
        "CFAssociations": .array([
            childObject(1, of: document, item(1), order: 2), childObject(2, of: item(1), item(2), order: 1),
            childObject(3, of: document, item(3), order: 1),
        ]),
    ])

    static let rubric: JSONValue = .object([
        "identifier": "b0000000-0000-4000-8000-000000000001", "uri": "\(base)/CFRubrics/1", "lastChangeDateTime": changed,
        "title": "Walks", "CFRubricCriteria": .array([.object([
            "identifier": "b0000000-0000-4000-8000-000000000002", "uri": "\(base)/CFRubrics/2",
            "lastChangeDateTime": changed, "weight": .number(JSONNumber(1)), "position": 1,
            "CFItemURI": .object(["title": "w", "identifier": .string(item(3)), "uri": "\(base)/CFItems/3"]),
            "CFRubricCriterionLevels": .array([.object([
                "identifier": "b0000000-0000-4000-8000-000000000003", "uri": "\(base)/CFRubrics/3",
                "lastChangeDateTime": changed, "quality": "Proficient", "score": 3, "position": 1,
            ])]),
        ])]),
    ])
}

extension JSONValue {
    /// This value with the one at an RFC 6901 pointer set, or removed with nil. `-` appends to an array.
    func setting(_ pointer: String, _ value: JSONValue?) -> JSONValue {
        let tokens = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
        return setting(tokens[...], value)
    }

    private func setting(_ tokens: ArraySlice<String>, _ value: JSONValue?) -> JSONValue {
        guard let token = tokens.first else { return value ?? .null }
        let rest = tokens.dropFirst()
        switch self {
        case .object(var object):
            object[token] = rest.isEmpty ? value : (object[token] ?? [:]).setting(rest, value)
            return .object(object)
        case .array(var elements):
            if token == "-" { elements.append(value ?? .null) } else if let index = Int(token), elements.indices.contains(index) {
                if rest.isEmpty, value == nil { elements.remove(at: index) } else {
                    elements[index] = elements[index].setting(rest, value)
                }
            }
            return .array(elements)
        default: return self
        }
    }

    func value(at pointer: String) -> JSONValue? {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().reduce(Optional(self)) { here, token in
            let name = String(token).replacing("~1", with: "/").replacing("~0", with: "~")
            if let elements = here?.array { return Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil } }
            return here?[name]
        }
    }
}
