import Domain
import Foundation
import Testing

/// The places of `docs/adding-a-command.md`, held against the sources: what was forgotten is named.
@Suite struct `The places of a command` {
    /// What there is to look into, read once.
    struct Sources: Sendable {
        let domain: String
        let routes: String
        let operations: Set<String>
        let tests: String
        /// By the name of the service: the sources below its folder, and the file that lists its handlers.
        let services: [String: (all: String, registration: String)]

        init() throws {
            domain = try Repository.sources(below: "Shared/Domain")
            routes = try Repository.sources(below: "Services/Gateway/Routes")
            tests = try Repository.sources(below: "Tests") { !$0.path.contains("/DomainTests/Golden/") }
            let document = Array(try Data(contentsOf: Repository.root.appending(path: "docs/openapi.json")))
            let paths = try JSONValue.parse(document, limits: .file)["paths"]?.object?.members ?? []
            operations = Set(paths.flatMap { $0.value.object?.members.compactMap { $0.value["operationId"]?.text } ?? [] })
            var services: [String: (all: String, registration: String)] = [:]
            for name in Set(AuthorizationMatrix.rows.keys.map(\.service)) {
                let folder = "Services/\(name.capitalized)"
                services[name] = (
                    try Repository.sources(below: folder),
                    try Repository.sources(below: folder) { $0.lastPathComponent == "\(name.capitalized)Service.swift" })
            }
            let host = try Repository.sources(below: "Shared/EventLog/Host")
            services["any"] = (host, host)
            self.services = services
        }

        /// The places that a request has not taken.
        func missing(_ sample: GoldenSample) -> [String] {
            let request = RequestName(sample.name), type = sample.type, service = request.service
            let isOfEvery = service == "any"
            let names = isOfEvery
                ? Set(AuthorizationMatrix.rows.keys.map(\.service)).map { RequestName("\($0)\(sample.name.dropFirst(3))") }
                : [request]
            var missing: [String] = []
            func need(_ isThere: Bool, _ place: String) {
                if !isThere { missing.append("\(sample.name): \(place)") }
            }
            need(names.allSatisfy(AuthorizationMatrix.has),
                 "a row in Shared/Domain/Authorization/AuthorizationMatrix.swift")

            let folder = isOfEvery ? "Shared/EventLog/Host" : "Services/\(service.capitalized)"
            let sources = services[service] ?? ("", "")
            let answering = sources.registration.contains("Answering(\(type).self)")
            need(answering || sources.all.contains("struct \(type)Handler: RequestHandler"),
                 "a handler `\(type)Handler: RequestHandler` in \(folder)")
            need(answering || sources.registration.contains("\(type)Handler("),
                 "a place among the handlers of \(folder)/\(service.capitalized)Service.swift")

            let isInternal = names.allSatisfy { name in
                AuthorizationMatrix.has(name) && AuthorizationMatrix.rules(for: name).allSatisfy { $0.role == .service }
            }
            if isInternal {
                need(!routes.contains("(\(type).self"), "no route, because only services may ask it")
            } else {
                need(routes.contains("(\(type).self"), "a row in Services/Gateway/Routes/RouteTable.swift")
                need(names.allSatisfy { hasOperation($0, suffix: isOfEvery ? "Of\($0.service.capitalized)" : "") },
                     "an operation in docs/openapi.json (CAIRN_REGENERATE=1)")
            }
            need(FileManager.default.fileExists(atPath: `Golden wire files`.file(sample.name).path),
                 "Tests/Fixtures/wire/\(sample.name).json (CAIRN_REGENERATE=1)")
            if sample.isCommand {
                need(["\(type)(", "\(type)Handler("].contains { tests.contains($0) }, "a test that makes one")
            }
            return missing
        }

        /// `records.register_learner` is `registerLearner`.
        private func hasOperation(_ request: RequestName, suffix: String) -> Bool {
            let words = request.text.dropFirst(request.service.count + 1).split(separator: "_")
            let verb = words.enumerated().map { $0 == 0 ? String($1) : $1.prefix(1).uppercased() + $1.dropFirst() }.joined()
            return operations.contains(verb + suffix)
        }
    }

    @Test func `every command is in all its places`() throws {
        let sources = try Sources()
        let requests = GoldenTable.all.filter { !$0.isEvent }
        #expect(requests.count > 50)
        let missing = requests.flatMap(sources.missing)
        #expect(missing.isEmpty, "missing: \(missing.joined(separator: "\n"))")
    }

    @Test func `no request or event is declared and in no table`() throws {
        let sources = try Sources()
        let requests = sources.domain.matches(of: #/static let name: RequestName = "([a-z._]+)"/#).map { String($0.1) }
        let events = sources.domain.matches(of: #/static let type: EventType = "([a-z._]+)"/#).map { String($0.1) }
        #expect(Set(requests + events).symmetricDifference(`Golden wire files`.expected) == [])
    }

    @Test func `what is missing is named`() throws {
        let sources = try Sources()
        let sample = GoldenSample(name: "records.paint_learner", type: "PaintLearner", isCommand: true, isEvent: false, parts: [])
        #expect(sources.missing(sample).map { $0.prefix { $0 != "`" && $0 != "(" } } == [
            "records.paint_learner: a row in Shared/Domain/Authorization/AuthorizationMatrix.swift",
            "records.paint_learner: a handler ",
            "records.paint_learner: a place among the handlers of Services/Records/RecordsService.swift",
            "records.paint_learner: a row in Services/Gateway/Routes/RouteTable.swift",
            "records.paint_learner: an operation in docs/openapi.json ",
            "records.paint_learner: Tests/Fixtures/wire/records.paint_learner.json ",
            "records.paint_learner: a test that makes one",
        ])
    }
}
