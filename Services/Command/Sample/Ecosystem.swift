import Domain
import Foundation

/// `ops/sample/ecosystem.json` and the files that it names.
struct Ecosystem: Sendable {
    struct File: Decodable, Sendable {
        var about: String
        /// Begins every idempotency key: a changed sample takes a new one.
        var key: String
        var since: CalendarDate
        var until: CalendarDate
        var organizations: [Organization]
        var schools: [School]
        var body: Body
        var frameworks: [String]
        var pathways: [Pathway]
        var levels: [CriterionLevel]
        var partners: [Partner]
        var contractRevision: String
        var feedback: [String]
        var givenNames: [String]
        var familyNames: [String]
    }

    struct Organization: Decodable, Sendable {
        var id: EntityID<Domain.Organization>
        var client: String
        var title: String
        var kinds: [OrganizationKind]
        var region: String
    }

    /// Keeps records and accompanies learners; clients `registrar-<name>` and `educator-<name>`.
    struct School: Decodable, Sendable {
        var name: String
        var organization: EntityID<Domain.Organization>
        var setting: LearningSetting
    }

    struct Body: Decodable, Sendable {
        struct Seat: Decodable, Sendable {
            var name: String
            var sector: String
            var choice: BallotChoice
        }
        var title: String
        var jurisdiction: String
        var requiredSectors: [String]
        var quorum: Int
        var seats: [Seat]
    }

    struct Pathway: Decodable, Sendable {
        struct Recognition: Decodable, Sendable {
            var organization: EntityID<Domain.Organization>
            var kind: PathwayDocument.Recognitions.Kind
            var terms: String
        }
        struct Assessor: Decodable, Sendable {
            var client: String
            var fullName: String
            var organization: EntityID<Domain.Organization>
            var issuer: EntityID<Domain.Organization>
        }
        struct Rubric: Decodable, Sendable {
            var name: String
            var title: String
            var components: [String]
        }
        var name: String
        var file: String
        var recognitions: [Recognition]
        var assessor: Assessor
        var rubrics: [Rubric]
    }

    struct Partner: Decodable, Sendable {
        var client: String
        var organization: EntityID<Domain.Organization>
        var title: String
        var purpose: String
        var types: [EventType]
    }

    let file: File
    /// By the pathway's name.
    let documents: [String: PathwayDocument]
    /// As they stand in their files, by the file's name.
    let frameworks: [String: [UInt8]]

    static func read(_ folders: [String]) throws -> Ecosystem {
        guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: "\($0)/ecosystem.json") }) else {
            throw CommandProblem(
                "The sample is not in \(folders[0]).", next: "name its folder: cairn sample load --from <source tree>/ops/sample")
        }
        func bytes(_ name: String) throws -> [UInt8] {
            guard let bytes = try PrivateFile.read("\(folder)/\(name)") else {
                throw CommandProblem("\(folder)/\(name) is missing.")
            }
            return bytes
        }
        func decoded<T: Decodable>(_ name: String) throws -> T {
            do { return try JSONValue.parse(try bytes(name), limits: .file).decode(T.self) } catch let fault as Fault {
                let place = fault.violations.first.map { "\($0.pointer) \($0.message)" } ?? fault.message
                throw CommandProblem("\(folder)/\(name): \(place)")
            }
        }
        let file: File = try decoded("ecosystem.json")
        return Ecosystem(
            file: file,
            documents: Dictionary(uniqueKeysWithValues: try file.pathways.map { ($0.name, try decoded($0.file)) }),
            frameworks: Dictionary(uniqueKeysWithValues: try file.frameworks.map { ($0, try bytes($0)) }))
    }

    /// One criterion for each component, met at level 2 or at what the pathway asks for.
    func criteria(of rubric: Pathway.Rubric, in pathway: Pathway) throws -> [RubricCriterion] {
        try rubric.components.map { id in
            guard let component = documents[pathway.name]?.components.first(where: { $0.id == id }),
                  let target = component.target
            else { throw CommandProblem("The rubric \(rubric.name) names \(id), which \(pathway.file) has no target for.") }
            // A rubric counts in numbers; what is wanted in the words of a progression is met at level 2.
            let wanted = if case .number(let number) = component.level { number } else { 2.0 }
            return RubricCriterion(
                id: id, target: target, description: component.title, levels: file.levels, metAt: max(2, wanted))
        }
    }

    /// The nth learner: always the same.
    func learner(_ number: Int) -> SampleLearner {
        var random = SplitMix64(seed: UInt64(number) &* 7919 &+ 17)
        // About two in five are adults, so that some can consent for themselves.
        let isAdult = number % 5 < 2
        let year = isAdult ? Int.random(in: 1985...2004, using: &random) : Int.random(in: 2009...2012, using: &random)
        return SampleLearner(
            number: number, givenName: file.givenNames[Int.random(in: 0..<file.givenNames.count, using: &random)],
            familyName: file.familyNames[Int.random(in: 0..<file.familyNames.count, using: &random)],
            birthDate: CalendarDate(
                year: year, month: Int.random(in: 1...12, using: &random), day: Int.random(in: 1...28, using: &random))
                ?? file.since,
            isAdult: isAdult, pathway: file.pathways[number % file.pathways.count],
            school: file.schools[number % 7 == 6 ? 2 : number % 2])
    }
}

struct SampleLearner: Sendable {
    enum FirstAssessment: Sendable { case none, met, notYet }

    var number: Int
    var givenName: String
    var familyName: String
    var birthDate: CalendarDate
    var isAdult: Bool
    var pathway: Ecosystem.Pathway
    var school: Ecosystem.School

    var firstAssessment: FirstAssessment {
        switch number % 10 {
        case 0, 4: .met
        case 6, 7: .notYet
        default: .none
        }
    }
}

/// `sample.json` of the deployment: the ids of what the sample made, for `cairn journey` and for people with curl.
struct SampleIndex: Codable, Sendable, Equatable {
    struct Rubric: Codable, Sendable, Equatable {
        var rubric: EntityID<Domain.Rubric>
        var criteria: [RubricCriterion]
    }
    struct Pathway: Codable, Sendable, Equatable {
        var pathway: EntityID<Domain.Pathway>
        var version: Int
        var assessor: EntityID<Domain.Assessor>
        var license: EntityID<License>
        var assessorClient: String
        var rubrics: [String: Rubric]
    }
    struct Partner: Codable, Sendable, Equatable {
        var partner: EntityID<Domain.Partner>
        var subscription: EntityID<Subscription>
    }

    var body: EntityID<GoverningBody>
    var frameworks: [EntityID<Framework>]
    var pathways: [String: Pathway]
    var partners: [String: Partner]
    var schools: [String: EntityID<Domain.Organization>]
    var contractRevision: String
    /// In order of their numbers.
    var learners: [EntityID<Learner>]

    static func read(_ deployment: Deployment) throws -> SampleIndex? {
        try PrivateFile.read(deployment.sampleFile).flatMap { try? Wire.decode(from: $0) }
    }

    func write(_ deployment: Deployment) throws {
        try PrivateFile.write(Wire.encode(self), to: deployment.sampleFile)
    }
}
