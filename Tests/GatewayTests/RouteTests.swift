import Domain
import Foundation
@testable import Gateway
import HTTPTypes
import Testing

@Suite struct `The route table` {
    @Test func `reaches every request that somebody outside may make, once`() {
        let reachable = AuthorizationMatrix.rows.keys.filter { !RouteTable.internalRequests.contains($0) }
        var routes: [RequestName: [Route]] = [:]
        for route in RouteTable.all where !route.isStream {
            if let contract = route.contract { routes[contract.name, default: []].append(route) }
        }
        #expect(Set(routes.keys) == Set(reachable))
        // Only a pathway is read at two addresses: its newest version, and any version.
        #expect(routes.filter { $0.value.count > 1 }.keys.map(\.text) == ["pathways.get_pathway"])
        #expect(RouteTable.all.filter(\.isStream).compactMap(\.contract?.name) == [ReadFeed.name])
    }

    @Test func `keeps our own processes' requests to themselves`() {
        #expect(RouteTable.internalRequests.map(\.text).sorted() == [
            "assessment.fetch_events", "notifications.check_sender", "notifications.fetch_events",
            "pathways.fetch_events", "records.authorize_disclosures", "records.fetch_events", "records.get_custodian",
            "records.settle_disclosures",
        ])
    }

    @Test func `holds the check that a start makes`() { RouteTable.check(RouteTable.all) }

    struct Stray: Query {
        static let name: RequestName = "records.stray"
        typealias Reply = Done
    }

    @Test func `refuses a request without a row in the matrix`() async {
        await #expect(processExitsWith: .failure) {
            RouteTable.check([.query(Stray.self, "/v1/strays", "Learners", "Stray.")])
        }
    }

    @Test func `refuses a request of our own processes`() async {
        await #expect(processExitsWith: .failure) {
            RouteTable.check([.query(CheckSender.self, "/v1/senders/{sender}", "Learners", "Check.")])
        }
    }

    @Test func `every Location can be read`() {
        let readable = Set(RouteTable.all.filter { $0.method == .get }.map(\.path.description))
        for route in RouteTable.all {
            let place: String? = switch route.contract?.success {
            case .created(let place): place
            case .createdIf(_, let place), .acceptedWhile(_, _, let place): place
            case .ok, .done, nil: nil
            }
            #expect(place.map(readable.contains) ?? true, "\(route.path)")
        }
    }

    @Test func `done is answered exactly where the reply is empty`() {
        for route in RouteTable.all {
            guard let contract = route.contract else { continue }
            #expect((contract.success == .done) == contract.reply.members.isEmpty, "\(contract.name)")
        }
    }

    struct Address: Sendable, CustomTestStringConvertible {
        let method: HTTPRequest.Method, path: String, status: Int, allow: String?
        init(_ method: HTTPRequest.Method, _ path: String, _ status: Int, allow: String? = nil) {
            (self.method, self.path, self.status, self.allow) = (method, path, status, allow)
        }
        var testDescription: String { "\(method) \(path)" }
    }

    @Test(arguments: [
        Address(.get, "/v1/partners/\(someID)", 200),
        Address(.get, "/v1/partners/\(someID.uppercased())", 200),
        Address(.head, "/v1/partners/\(someID)", 200),
        Address(.options, "/v1/partners/\(someID)", 204, allow: "GET, HEAD, OPTIONS"),
        Address(.options, "/v1/partners", 204, allow: "OPTIONS, POST"),
        Address(.delete, "/v1/partners/\(someID)", 405, allow: "GET, HEAD, OPTIONS"),
        Address(.get, "/v1/partners", 405, allow: "OPTIONS, POST"),
        Address(.trace, "/v1/partners", 405, allow: "OPTIONS, POST"),
        Address(HTTPRequest.Method("BREW")!, "/v1/partners", 405, allow: "OPTIONS, POST"),
        Address(.get, "/v1/partners/1", 404), Address(.get, "/v1/partners/\(someID)x", 404),
        Address(.get, "/v1/partners/\(someID)/", 404), Address(.get, "/v1//partners/\(someID)", 404),
        Address(.get, "//v1/partners/\(someID)", 404), Address(.get, "/v1/../v1/partners/\(someID)", 404),
        Address(.get, "/v1/partners%2f\(someID)", 404), Address(.get, "/v1/..%2fpartners/\(someID)", 404),
        Address(.get, "/v1/partners/%00", 404), Address(.get, "/v1/partners/%c0%ae", 404),
        Address(.get, "/v1/partners/\(someID);x=1", 404), Address(.get, "/V1/partners/\(someID)", 404),
        Address(.get, "http://gateway.test/v1/partners/\(someID)", 404), Address(.get, "", 404), Address(.get, "*", 404),
        Address(.get, "/", 404), Address(.get, "/v1", 404), Address(.options, "/v1/nothing", 404),
        Address(.get, "/v1/pathways/\(someID)/versions/1", 200), Address(.get, "/v1/pathways/\(someID)/versions/01", 404),
        Address(.get, "/v1/pathways/\(someID)/versions/+1", 404), Address(.get, "/v1/pathways/\(someID)/versions/-1", 404),
        Address(.get, "/v1/pathways/\(someID)/versions/9999999999999999999", 404),
        Address(.head, "/v1/subscriptions/\(someID)/stream", 405, allow: "GET, OPTIONS"),
        Address(.head, "/v1/subscriptions/\(someID)/events", 405, allow: "GET, OPTIONS"),
        Address(.options, "/v1/subscriptions/\(someID)/events", 204, allow: "GET, OPTIONS"),
        Address(.get, "/docs", 200), Address(.head, "/openapi.json", 200), Address(.post, "/docs", 405, allow: "GET, HEAD, OPTIONS"),
    ]) func `an address answers to its methods`(_ address: Address) async throws {
        let answer = try await Fixture().send(address.method, address.path)
        #expect(answer.status == address.status && answer[.allow] == address.allow)
        if answer.status >= 400 { #expect(answer[.contentType] == "application/problem+json") }
    }

    @Test func `nothing invites another origin`() async throws {
        let fixture = try Fixture()
        let answers = [
            try await fixture.send(.options, "/v1/partners", fields: [.origin: "https://evil.example"]),
            try await fixture.send(.get, "/v1/partners/\(someID)", fields: [.origin: "https://evil.example"]),
        ]
        #expect(answers.allSatisfy { $0[.accessControlAllowOrigin] == nil })
    }
}

/// TESTPLAN §2.8: every route × every role × whether the role's scope covers the thing, against `Domain.decide`.
@Suite struct `Authorization at the edge` {
    @Test(arguments: Role.allCases.filter { $0 != .service })
    func `every route gives a role what the matrix says`(_ role: Role) async throws {
        let other = UUID(uuidString: "0190f6a0-0000-7000-8000-0000000000ff")!
        for scope in [Fixture.scope, other] {
            let subject = Subject(id: "client:\(role.rawValue)", grants: [RoleGrant(role, over: role.needsScope ? scope : nil)])
            // The fake service does what every service does: it loads, and asks `decide`.
            let fixture = try Fixture(FakeBackend { request in
                guard let subject: Subject = try? Wire.decode(from: request.subject) else {
                    return BackendReply(status: 1, body: Wire.encode(Fault(.unauthenticated, "no subject")))
                }
                return switch decide(subject, RequestName(request.method), Self.facts) {
                case .allow: BackendReply(status: 0, body: Array("{}".utf8))
                case .deny(.role): BackendReply(status: 1, body: Wire.encode(Fault(.forbidden, "no")))
                case .deny(.scope): BackendReply(status: 1, body: Wire.encode(Fault.notFound("thing")))
                }
            })
            let token = try fixture.token(role, scope: scope)
            for route in RouteTable.all where !route.isStream {
                guard let contract = route.contract else { continue }
                let answer = try await fixture.send(
                    route.method, Self.address(route), body: Self.body(route, contract),
                    fields: [.authorization: "Bearer \(token)"])
                let expected = switch decide(subject, contract.name, Self.facts) {
                case .allow: 200..<300
                case .deny(.role): 403..<404
                case .deny(.scope): 404..<405
                }
                #expect(expected.contains(answer.status), "\(role) \(scope) \(route.method) \(route.path): \(answer.outcome)")
            }
            // A request that no role of the subject may ever make does not leave the gateway.
            #expect(fixture.backend.asked.allSatisfy { decide(subject, RequestName($0.method), .none) != .deny(.role) })
        }
    }

    /// A thing over which every role has standing by the one scope.
    static var facts: ResourceFacts {
        var facts = ResourceFacts()
        facts.learner = Fixture.scope
        facts.organizations = [Fixture.scope]
        facts.body = Fixture.scope
        facts.assessor = Fixture.scope
        facts.partner = Fixture.scope
        facts.seatHolder = "client:body-member"
        return facts
    }

    static func address(_ route: Route) -> String {
        var address = ""
        for segment in route.path.segments {
            switch segment {
            case .literal(let text): address += "/\(text)"
            case .parameter(let name):
                let schema = route.contract?.request.members.first { $0.name == name }?.schema
                address += schema == .integer ? "/1" : "/\(someID)"
            }
        }
        let needed = route.queryMembers.filter(\.isRequired).compactMap { member in
            text(member.schema).map { "\(member.name)=\($0)" }
        }
        return address + (needed.isEmpty ? "" : "?\(needed.joined(separator: "&"))")
    }

    private static func text(_ schema: Schema) -> String? {
        switch sample(schema) {
        case .string(let text): text
        case .number(let number): number.text
        default: nil
        }
    }

    /// Some body of the right form: every required member with some value.
    static func body(_ route: Route, _ contract: Contract) -> String? {
        guard contract.isCommand else { return nil }
        let value: JSONValue = switch contract.body {
        case .none: [:]
        case .framework: ["CFDocument": [:]]
        case .member(let name): contract.request.members.first { $0.name == name }.map { sample($0.schema) } ?? [:]
        case .members: .object(JSONObject(contract.members(outside: route.path).filter(\.isRequired).map {
            ($0.name, sample($0.schema))
        }))
        }
        return String(decoding: value.serialized(), as: UTF8.self)
    }

    static func sample(_ schema: Schema) -> JSONValue {
        switch schema {
        case .string("uuid", _): .string(someID)
        case .string("date", _): "2026-01-01"
        case .string("date-time", _): "2026-01-01T00:00:00Z"
        case .string: "records.attainment_recorded"
        case .integer, .number: 1
        case .boolean: true
        case .array(let element): [sample(element)]
        case .enumeration(let words): .string(words[0])
        case .object(let object): .object(JSONObject(object.members.filter(\.isRequired).map { ($0.name, sample($0.schema)) }))
        case .named: ["format": "cairn-pathway/1", "title": "T", "components": [], "destinations": []]
        case .anything: [:]
        }
    }
}
