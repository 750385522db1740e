import Domain
import Foundation
import Testing

/// One wire type with a sample value, and what its golden file has to say. The file of a request holds the request and
/// its reply, that of an event the event.
struct GoldenSample: Sendable, CustomTestStringConvertible {
    struct Part: Sendable {
        /// `request`, `reply` or `event`: the member of the file.
        let label: String
        let encoded: [UInt8]
        /// The same by Foundation's encoder, whose bytes lie in databases.
        let byFoundation: [UInt8]
        /// Reads a value of this type and writes it again, by every way in which the type is read in production.
        let rewritten: @Sendable ([UInt8]) throws -> [[UInt8]]
        /// Members that the sample leaves nil, so that nothing would hold them.
        let empty: [String]
    }

    /// Of the request or event, and of the file.
    let name: String
    /// The Swift type of the request or event.
    let type: String
    let isCommand: Bool
    let isEvent: Bool
    let parts: [Part]

    var testDescription: String { name }
}

/// A sample of every request, reply and event of the deployment, every member filled. Writing one here and running
/// `CAIRN_REGENERATE=1 swift test --filter Golden` makes its file in `Tests/Fixtures/wire`.
struct GoldenTable {
    private(set) var samples: [GoldenSample] = []

    static let all: [GoldenSample] = {
        var table = GoldenTable()
        table.addEveryServiceRequests()
        table.addRecordsRequests()
        table.addRecordsEvents()
        table.addPathwaysRequests()
        table.addPathwaysEvents()
        table.addAssessmentRequests()
        table.addAssessmentEvents()
        table.addNotificationsRequests()
        table.addNotificationsEvents()
        return table.samples
    }()

    mutating func request<R: Request>(_ request: R, _ reply: R.Reply) {
        let asked = GoldenSample.Part(
            label: "request", encoded: Wire.encode(request), byFoundation: FoundationCoder.encode(request),
            rewritten: { bytes in
                // The gateway reads what came from outside, a service what came from the gateway.
                let outside: R = try JSONValue.parse(bytes).decode(R.self, unknownMembers: .refused)
                return [
                    Wire.encode(outside), Wire.encode(try Wire.decode(R.self, from: bytes)),
                    Wire.encode(try FoundationCoder.decode(R.self, from: bytes)),
                ]
            },
            empty: Self.empty(request, R.name.text))
        samples.append(GoldenSample(
            name: R.name.text, type: "\(R.self)", isCommand: R.self is any Command.Type, isEvent: false,
            parts: [asked, Self.part("reply", reply)]))
    }

    mutating func event<E: Event>(_ event: E) {
        samples.append(GoldenSample(
            name: E.type.text, type: "\(E.self)", isCommand: false, isEvent: true, parts: [Self.part("event", event)]))
    }

    private static func part<V: Codable & Sendable>(_ label: String, _ value: V) -> GoldenSample.Part {
        GoldenSample.Part(
            label: label, encoded: Wire.encode(value), byFoundation: FoundationCoder.encode(value),
            rewritten: { bytes in
                [Wire.encode(try Wire.decode(V.self, from: bytes)), Wire.encode(try FoundationCoder.decode(V.self, from: bytes))]
            },
            empty: empty(value, label))
    }

    /// Paths of the optional members without a value, and of the arrays without an element.
    private static func empty(_ value: Any, _ path: String) -> [String] {
        if value is JSONValue { return [] }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional, .collection:
            guard !mirror.children.isEmpty else { return [path] }
            return mirror.children.flatMap { empty($0.value, path) }
        default: return mirror.children.flatMap { empty($0.value, "\(path).\($0.label ?? "")") }
        }
    }

    // MARK: values that samples are made of

    func uuid(_ number: UInt8) -> UUID {
        UUID(bytes: [0x01, 0x99, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number])
    }

    func id<Entity>(_ number: UInt8) -> EntityID<Entity> { EntityID(uuid(number)) }

    let moment = Timestamp(microseconds: 1_795_296_900_123_456)
    let day = CalendarDate(daysSince1970: 20_778)
    /// A leap day.
    let birthday = CalendarDate(daysSince1970: 13_938)

    let casePackage: JSONValue = ["CFDocument": ["title": "Reading the Land"], "CFItems": []]
    let cloudEvent: JSONValue = ["id": "01990000-0000-7000-8000-00000000001a", "sequence": "41", "specversion": "1.0"]

    /// Uses every member that a pathway document can have.
    var document: PathwayDocument {
        PathwayDocument(
            title: "Into the trades", description: "From maps to a site.",
            occupations: [.init(code: "47-2061", title: "Construction laborer")], sector: "construction",
            components: [
                .init(
                    id: "maps", kind: .competency, title: "Reads maps", description: "Contour lines.",
                    target: "urn:uuid:10000000-0000-4000-8000-000000000001", level: 2.5,
                    bases: [.assessed, .priorLearning], currency: .days(730),
                    condition: .init(.all, of: [
                        .component("site"), .condition(.init(.atLeast(1), of: [.component("site")])),
                        .condition(.init(.any, of: [.component("site")])),
                        .condition(.init(.none, of: [.component("site")])),
                        .constraint(.init(
                            .credits, over: ["maps", "urn:x:site"], .atLeast, .number(3),
                            caps: [.init(over: ["urn:x:site"], most: Credits(thousandths: 1500)!)])),
                    ]),
                    milestone: .init(title: "Map reader", level: 3), precedes: ["site"]),
            ],
            destinations: ["maps"],
            entitlements: [
                .init(id: "interview", after: "maps", kind: .interview, title: "An interview", obligor: id(2), days: 90,
                      terms: "Once."),
            ],
            requires: .init(recognitions: [.init(kind: .employment, organizations: [id(2)], atLeast: 1)]),
            progressions: [.init(id: "steps", title: "Steps", levels: ["begun", "able"])],
            crosswalks: [.init(from: "urn:x:orienteering", to: "urn:uuid:10000000-0000-4000-8000-000000000001",
                               confers: true, strength: .mostly, topUp: ["urn:x:site"], level: "able", chains: true,
                               decision: "Of spring")],
            waivers: [.init(zone: "north", components: ["maps"], decision: "Of fall")])
    }
}
