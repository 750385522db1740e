/// `/v1/learners/{learner}/consents`: literal segments and named ones.
struct PathTemplate: Sendable, Hashable, CustomStringConvertible {
    enum Segment: Sendable, Hashable {
        case literal(String)
        case parameter(String)
    }

    let segments: [Segment]
    let description: String

    init(_ text: String) {
        precondition(text.hasPrefix("/") && !text.hasSuffix("/"), "a path template begins with / and does not end so")
        description = text
        segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    var parameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }
}

/// All routes by their segments. A literal wins over a parameter; there is no second try after a wrong turn.
struct RouteTree: Sendable {
    private final class Node: Sendable {
        let literals: [String: Node]
        let parameter: Node?
        let routes: [String: Route]

        init(_ routes: [(rest: ArraySlice<PathTemplate.Segment>, route: Route)]) {
            var literals: [String: [(ArraySlice<PathTemplate.Segment>, Route)]] = [:]
            var parameter: [(ArraySlice<PathTemplate.Segment>, Route)] = []
            var here: [String: Route] = [:]
            for (rest, route) in routes {
                switch rest.first {
                case .literal(let text): literals[text, default: []].append((rest.dropFirst(), route))
                case .parameter: parameter.append((rest.dropFirst(), route))
                case nil:
                    precondition(here[route.method.rawValue] == nil, "two routes for \(route.method) \(route.path)")
                    here[route.method.rawValue] = route
                    if route.answersHead { here["HEAD"] = route }
                }
            }
            self.literals = literals.mapValues { Node($0.map { (rest: $0.0, route: $0.1) }) }
            self.parameter = parameter.isEmpty ? nil : Node(parameter.map { (rest: $0.0, route: $0.1) })
            self.routes = here
        }
    }

    enum Match: Sendable {
        /// The values of the path's parameters by name.
        case found(Route, [String: String])
        /// The path exists with these methods.
        case otherMethods([String])
        case nothing
    }

    private let root: Node

    init(_ routes: [Route]) {
        root = Node(routes.map { (rest: $0.path.segments[...], route: $0) })
    }

    /// Our segments are words, UUIDs and numbers, so that no path of ours contains a percent sign, an empty segment
    /// or a parameter: whatever has one is simply not there, and no two readers can disagree about it.
    func match(_ method: String, _ path: Substring) -> Match {
        guard path.first == "/", !path.utf8.contains(UInt8(ascii: "%")) else { return .nothing }
        var node = root
        var values: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if let next = node.literals[String(part)] {
                node = next
            } else if let next = node.parameter, !part.isEmpty, part.utf8.count <= 64 {
                values.append(String(part))
                node = next
            } else {
                return .nothing
            }
        }
        if let route = node.routes[method] {
            return .found(route, Dictionary(uniqueKeysWithValues: zip(route.path.parameters, values)))
        }
        return node.routes.isEmpty ? .nothing : .otherMethods(node.routes.keys.sorted())
    }
}
