import Domain
import Foundation
import Messaging

/// Durable commands from another process: judgments, each of which changes an aggregate, keeps its key and adds two
/// events, acknowledged after the commit.
struct Judging {
    struct List: Codable {
        var assessor: EntityID<Assessor>
        var license: EntityID<License>
        var assessments: [EntityID<Assessment>]
    }

    private let deployment: Deployment

    init(_ folder: String) throws { deployment = try Deployment(folder, services: ["assessment"]) }

    /// Assessment asks no other service, so the learners need not exist.
    func prepare(_ count: Int, into path: String) async throws {
        let organization = EntityID<Organization>.make()
        let `operator` = subject("bench-operator", RoleGrant(.operator))
        let assessor = try await deployment.ask(
            RegisterAssessor(fullName: "Noor Haddad", organization: organization), as: `operator`).assessor
        let license = try await deployment.ask(
            Trade.license(assessor, by: organization), as: `operator`).license
        let rubric = try await deployment.ask(Trade.rubric, as: `operator`).rubric
        let deployment = deployment
        let assessments = try await each(of: count) { _ in
            let learner = EntityID<Learner>.make()
            let own = subject("bench-learner", RoleGrant(.learner, over: learner.uuid))
            let assessment = try await deployment.ask(
                RequestAssessment(learner: learner, rubric: rubric, setting: .work, organization: organization,
                                  assessor: assessor),
                as: own).assessment
            _ = try await deployment.ask(Trade.evidence(for: assessment), as: own)
            return assessment
        }
        try write(List(assessor: assessor, license: license, assessments: assessments), to: path)
        await deployment.close()
    }

    /// Each task goes round its own share, so that no two commands race for one assessment.
    @concurrent func run(_ path: String, seconds: Int, tasks: Int) async throws {
        let list: List = try read(from: path)
        guard list.assessments.count >= tasks else { throw Failure("fewer assessments than tasks") }
        let judge = subject("bench-assessor", RoleGrant(.assessor, over: list.assessor.uuid))
        // Written before the clock starts: what is measured is the service, not who asks it.
        let bodies = list.assessments.map { Wire.encode(Trade.judgment(of: $0, under: list.license, met: false)) }
        _ = try await each(of: tasks) { place in try await deployment.send(bodies[place], to: RecordJudgment.name, as: judge) }
        let start = ContinuousClock.now, end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for lane in 0..<tasks {
                group.addTask(executorPreference: deployment.mesh.reactor) {
                    var count = 0, place = lane
                    while ContinuousClock.now < end {
                        _ = try await deployment.send(bodies[place], to: RecordJudgment.name, as: judge)
                        count += 1
                        place += tasks
                        if place >= bodies.count { place = lane }
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        print(Int(Double(count) / ((ContinuousClock.now - start) / .seconds(1))))
        await deployment.close()
    }
}
