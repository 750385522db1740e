import Domain
import Foundation
import PathwayEngine
import Storage
import Synchronization

/// A CASE item has two names, `urn:uuid:` with its identifier and its `uri`; the evaluator compares names letter by letter.
/// So both sides are brought to the first before it. A uri means the item of the framework that was imported first with it,
/// whatever later ones say: an import never takes away what was fulfilled. One that that framework gives to two items, or
/// that is in none, stays as it is.
final class TargetNames: Sendable {
    /// Then it starts anew.
    static let countMax = 50_000

    private let known = Mutex<[String: String]>([:])

    /// The name to use for each target. What was found is remembered; what was not is looked up each time, for a framework
    /// may be imported any moment.
    func settled(_ targets: Set<String>, _ statements: any Statements) async throws -> [String: String] {
        var names: [String: String] = [:]
        var open: [String] = []
        known.withLock { known in
            for target in targets {
                if let name = Self.urn(target) ?? known[target] { names[target] = name } else { open.append(target) }
            }
        }
        guard !open.isEmpty else { return names }
        let found = try await statements.rows("""
            SELECT uri, min(target)
              FROM (SELECT i.uri, i.target, rank() OVER (PARTITION BY i.uri ORDER BY f.imported) AS place
                      FROM framework_item i JOIN framework f USING (framework)
                     WHERE i.uri = ANY (\(open))) named
             WHERE place = 1 GROUP BY uri HAVING count(DISTINCT target) = 1
            """).decode((String, String).self)
        known.withLock { known in
            if known.count + found.count > Self.countMax { known.removeAll(keepingCapacity: true) }
            for (uri, target) in found { known[uri] = target }
        }
        for target in open { names[target] = target }
        for (uri, target) in found { names[uri] = target }
        return names
    }

    private static func urn(_ target: String) -> String? {
        let prefix = "urn:uuid:"
        guard target.utf8.count == prefix.utf8.count + 36, target.lowercased().hasPrefix(prefix) else { return nil }
        return UUID(text: String(target.dropFirst(prefix.utf8.count)))?.target
    }
}

extension PathwayDocument {
    /// Every IRI that a rule of it reads.
    var targetsRead: Set<String> {
        var targets = Set(components.compactMap(\.target))
        for crosswalk in crosswalks {
            targets.formUnion([crosswalk.from, crosswalk.to])
            targets.formUnion(crosswalk.topUp)
        }
        for component in components { component.condition?.addTargets(to: &targets) }
        return targets
    }

    /// With other names for its targets. Of crosswalks that become one by it the first stays, and none that leads nowhere.
    func renaming(_ names: [String: String]) -> PathwayDocument {
        var document = self
        for place in components.indices {
            document.components[place].target = components[place].target.map { names[$0] ?? $0 }
            document.components[place].condition = components[place].condition?.renaming(names)
        }
        var seen: Set<[String]> = []
        document.crosswalks = crosswalks.compactMap { crosswalk in
            var crosswalk = crosswalk
            crosswalk.from = names[crosswalk.from] ?? crosswalk.from
            crosswalk.to = names[crosswalk.to] ?? crosswalk.to
            crosswalk.topUp = crosswalk.topUp.map { names[$0] ?? $0 }
            let isNew = crosswalk.from != crosswalk.to && seen.insert([crosswalk.from, crosswalk.to]).inserted
            return isNew ? crosswalk : nil
        }
        return document
    }
}

/// Conditions nest at most `Bounds.depth` deep, so these may call themselves.
extension PathwayDocument.Condition {
    fileprivate func addTargets(to targets: inout Set<String>) {
        for operand in of {
            switch operand {
            case .component: break
            case .condition(let inner): inner.addTargets(to: &targets)
            case .constraint(let constraint): targets.formUnion(constraint.over.filter { $0.contains(":") })
            }
        }
    }

    fileprivate func renaming(_ names: [String: String]) -> Self {
        var condition = self
        condition.of = of.map { operand in
            switch operand {
            case .component: return operand
            case .condition(let inner): return .condition(inner.renaming(names))
            case .constraint(var constraint):
                constraint.over = constraint.over.map { names[$0] ?? $0 }
                for cap in constraint.caps.indices {
                    constraint.caps[cap].over = constraint.caps[cap].over.map { names[$0] ?? $0 }
                }
                return .constraint(constraint)
            }
        }
        return condition
    }
}
