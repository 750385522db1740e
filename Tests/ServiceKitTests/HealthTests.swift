import Foundation
@testable import ServiceKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HealthTests {
    @Test func `ready only while serving, live all the time`() async {
        let health = HealthState()
        var seen: [Bool] = []
        for step in [{}, health.setServing, health.setDraining, health.setServing] {
            step()
            seen.append(await health.ready().isHealthy)
            seen.append(await health.live().isHealthy)
        }
        #expect(seen == [false, true, true, true, false, true, false, true])
    }

    @Test func `failing checks are named with their reasons`() async throws {
        let health = HealthState()
        health.setServing()
        health.register("storage") { .failing("no \"connection\"\n") }
        health.register("bus") { .failing("down") }
        health.register("clock") { .passing }
        health.register("reactor", .liveness) { .failing("stuck") }
        let ready = await health.ready(), live = await health.live()
        #expect(ready.failing.map(\.check) == ["bus", "storage"] && live.failing.map(\.check) == ["reactor"])
        let json = try JSONSerialization.jsonObject(with: Data(ready.json.utf8)) as? NSDictionary
        #expect(json == [
            "status": "failing", "phase": "serving",
            "failing": [["check": "bus", "reason": "down"], ["check": "storage", "reason": "no \"connection\"\n"]],
        ])
    }

    @Test func `a check that hangs fails in time and is not started again`() async {
        let health = HealthState(checkLimit: .milliseconds(20))
        let gate = Gate()
        let starts = Atomic(0)
        health.setServing()
        health.register("hangs") {
            starts.add(1, ordering: .relaxed)
            await gate.opened()
            return .passing
        }
        var reports: [[String]] = []
        for _ in 0..<3 { reports.append(await health.ready().failing.map(\.reason)) }
        #expect(reports == Array(repeating: ["no answer within 20ms"], count: 3))
        #expect(starts.load(ordering: .relaxed) == 1)
        gate.open()
        while await !health.ready().isHealthy { await Task.yield() }
    }

    @Test func `no check is asked while draining`() async {
        let health = HealthState()
        let asked = Atomic(false)
        health.register("storage") {
            asked.store(true, ordering: .relaxed)
            return .passing
        }
        health.setDraining()
        let report = await health.ready()
        #expect(!report.isHealthy && report.phase == .draining && !asked.load(ordering: .relaxed))
    }

    @Test func `the pages answer what they are and nothing else`() async {
        let health = HealthState()
        let pages = OpsPages(health: health, metrics: PrometheusFactory(), status: { #"{"a":1}"# })
        health.setServing()
        health.setDraining()
        var answers: [String] = []
        for path in OpsPages.paths + ["/", "/health", "/metrics/", "/status?x"] {
            let answer = await pages.answer(path)
            answers.append("\(path) \(answer?.status ?? 0) \(answer?.contentType.prefix(16) ?? "")")
        }
        #expect(answers == [
            "/health/live 200 application/json", "/health/ready 503 application/json",
            "/metrics 200 text/plain; vers", "/status 200 application/json",
            "/ 0 ", "/health 0 ", "/metrics/ 0 ", "/status?x 0 ",
        ])
    }

    @Test func `a status that hangs or swells is not waited for or sent`() async {
        let gate = Gate()
        defer { gate.open() }
        let hung = OpsPages(health: HealthState(), metrics: PrometheusFactory()) {
            await gate.opened()
            return "{}"
        }
        let large = OpsPages(health: HealthState(), metrics: PrometheusFactory()) {
            String(repeating: "x", count: OpsPages.statusLimitBytes + 1)
        }
        #expect([await hung.answer("/status")?.status, await large.answer("/status")?.status] == [503, 500])
    }
}
