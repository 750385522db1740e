import Domain
import Foundation
import PathwayEngine

typealias Component = PathwayDocument.Component
typealias Condition = PathwayDocument.Condition
typealias Operand = PathwayDocument.Condition.Operand

let today = CalendarDate(daysSince1970: 20_000)

extension Component {
    /// A competency of the target `urn:test:<id>`.
    static func leaf(
        _ id: String, level: PathwayDocument.Level? = nil, currency: PathwayDocument.Currency? = nil,
        milestone: String? = nil
    ) -> Component {
        Component(id: id, kind: .competency, title: "Title of \(id)", target: "urn:test:\(id)", level: level,
                  currency: currency, milestone: milestone.map { .init(title: $0) })
    }

    /// A credential by condition alone.
    static func node(
        _ id: String, _ require: Condition.Requirement, of operands: [Operand], milestone: String? = nil
    ) -> Component {
        Component(id: id, kind: .credential, title: "Title of \(id)", condition: Condition(require, of: operands),
                  milestone: milestone.map { .init(title: $0) })
    }
}

extension Operand: ExpressibleByStringLiteral {
    package init(stringLiteral id: String) { self = .component(id) }
}

extension PathwayDocument {
    static func of(
        _ components: [Component], to destinations: [String], entitlements: [Entitlement] = []
    ) -> PathwayDocument {
        PathwayDocument(title: "A pathway", components: components, destinations: destinations,
                        entitlements: entitlements)
    }
}

extension PathwayDocument.Entitlement {
    static func test(_ id: String, after component: String) -> Self {
        Self(id: id, after: component, kind: .interview, title: "An interview", obligor: organization(1), days: 30)
    }
}

func organization(_ number: Int) -> EntityID<Organization> {
    let digits = String(number)
    return EntityID("0c000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)!
}

/// An attainment of `urn:test:<id>` with an id that is derived from its number.
func held(
    _ id: String, number: UInt8 = 1, level: PathwayDocument.Level? = nil, credits: Double? = nil,
    basis: AttainmentBasis = .assessed, from: Int = 0, until: Int? = nil
) -> HeldAttainment {
    HeldAttainment(
        id: attainmentID(number), target: "urn:test:\(id)", level: level, credits: credits.flatMap { Credits($0) },
        basis: basis, from: CalendarDate(daysSince1970: today.daysSince1970 + from),
        until: until.map { CalendarDate(daysSince1970: today.daysSince1970 + $0) })
}

func attainmentID(_ number: UInt8) -> EntityID<Attainment> {
    EntityID(UUID(bytes: [UInt8](repeating: number, count: 16)))
}

func evaluate(_ document: PathwayDocument, _ attainments: [HeldAttainment]) -> PathwayStanding {
    NaiveEvaluator.evaluate(document, attainments: attainments, on: today)
}

/// A file of the repository, found from where this file stands in it.
func repositoryFile(_ path: String) throws -> [UInt8] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appendingPathComponent(path)))
}
