import Domain
import Foundation
import ServiceKit
import Storage
import Support
import Testing
@testable import Command

/// Suites that each run a whole city. One at a time: a machine of two cores carries one.
@Suite(.serialized) struct Cities {}

/// The database roles, made by the operators' own script on the tests' server.
enum DatabaseRoles {
    /// Runs `make_roles` of `ops/lib.sh` with nothing replaced but how to become superuser: the tests' server trusts
    /// whoever reaches its socket, and its superuser has another name.
    static func make(on server: PostgresServer, passfile: String) async throws {
        guard let socket = server.url.range(of: "host=").map({ String(server.url[$0.upperBound...]) }) else {
            throw City.Broken("\(server.url) names no socket")
        }
        let script = """
            set -euo pipefail
            source "$0"
            PG_BIN="$(postgres_bin)"; PG_SOCKET="$1"; PASSFILE="$2"
            as_superuser() {
              "$PG_BIN/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$PG_SOCKET" --username cairn "$@"
            }
            make_roles
            make_roles
            """
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let log = passfile + ".log"
        let child = try ChildProcess.spawn(
            "/bin/bash", ["-c", script, root + "/ops/lib.sh", socket, passfile],
            environment: ProcessInfo.processInfo.environment, log: log)
        let status = await child.exit()
        guard status == 0 else {
            throw City.Broken("make_roles ended with \(status): \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
        }
    }
}

extension City {
    /// The city's database; nil for the superuser.
    func database(as role: String? = nil) -> ConnectionPool {
        let url = server.url(ofDatabase: "cairn")
        return ConnectionPool(
            DatabaseConfiguration(
                url: role.map { DeploymentSetup.url(url, user: $0) } ?? url, schema: "pg_catalog",
                applicationName: "suite", statementTimeout: .seconds(20)),
            size: 1, logger: quiet)
    }
}

extension Cities {
    /// Services under the roles of a deployment: migrated by the owner, served by roles that own nothing.
    @Suite struct RoleTests {
        @Test(.timeLimit(.minutes(3)))
        func `each service works under its own role, which may do nothing else`() async throws {
            let city = try await City.open(databaseRoles: true)
            // A command of every service, and what follows from it across all of them.
            let town = try await Town.found(city, webhook: nil)
            let citizen = try await town.settle(1)[0]
            let assessment = try await town.open(citizen, key: "role")
            try await town.show(assessment, key: "role")
            #expect(try await town.judge(assessment, met: true, key: "role").outcome == .met)
            try await town.completed([citizen])
            let heard = try await awaited("the entitlement in the partner's feed") {
                let types = try await town.feed().compactMap { $0["type"]?.text }
                return types.contains(EntitlementAccrued.type.text) ? types : nil
            }
            #expect(heard.contains(AttainmentRecorded.type.text))

            let superuser = city.database()
            let sessions = try await superuser.withConnection { connection in
                try connection.execute("""
                    SELECT DISTINCT usename::text FROM pg_stat_activity
                     WHERE datname = 'cairn' AND application_name <> 'suite' ORDER BY 1
                    """).decode((String).self)
            }
            #expect(sessions == Mesh.services.map { "cairn_\($0)" }.sorted())
            let rights = try await superuser.withConnection { connection in
                try connection.execute("""
                    SELECT r.grantee || ' ' || r.table_schema || ' ' || r.rights FROM (
                      SELECT grantee, table_schema, table_name,
                             string_agg(privilege_type, ' ' ORDER BY privilege_type) AS rights
                        FROM information_schema.table_privileges
                       WHERE grantee LIKE 'cairn\\_%' AND grantee <> 'cairn_owner' OR grantee = 'PUBLIC'
                         AND table_schema NOT IN ('pg_catalog', 'information_schema')
                       GROUP BY 1, 2, 3) AS r GROUP BY 1 ORDER BY 1
                    """).decode((String).self)
            }
            #expect(rights == Mesh.services.map { "cairn_\($0) \($0) DELETE INSERT SELECT UPDATE" }.sorted())
            await superuser.close()

            let found = try await concurrently(Mesh.services, limit: 2) { try await surprises(in: $0, of: city) }
            #expect(found.flatMap { $0 } == [])
            try await city.close()
        }
    }
}

/// What a service's role was let do, or not, against what we mean.
private func surprises(in service: String, of city: City) async throws -> [String] {
    let pool = city.database(as: "cairn_\(service)")
    let allowed = [
        "SELECT count(*) FROM \(service).event", "SELECT publish FROM \(service).lineage",
        "SELECT \(service).current_timeline()",
        "INSERT INTO \(service).inbox (consumer, partition, event_id) VALUES ('role-test', 0, gen_random_uuid())",
        "UPDATE \(service).inbox SET handled_at = now() WHERE consumer = 'role-test'",
        "DELETE FROM \(service).inbox WHERE consumer = 'role-test'",
    ]
    var denied = [
        "CREATE TABLE \(service).mine (a int)", "CREATE TABLE public.mine (a int)", "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine", "CREATE DATABASE mine", "CREATE ROLE mine", "CREATE INDEX mine ON \(service).event (type)",
        "CREATE FUNCTION \(service).mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION \(service).current_timeline() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE \(service).event ADD COLUMN mine int", "ALTER TABLE \(service).event DISABLE TRIGGER ALL",
        "DROP TABLE \(service).event", "TRUNCATE \(service).event", "DROP SCHEMA \(service) CASCADE",
        "SET ROLE cairn_owner", "SET ROLE cairn",
        "ALTER ROLE cairn_owner PASSWORD 'x'", "ALTER ROLE cairn_\(service) SUPERUSER",
        "SET session_replication_role = replica", "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT rolpassword FROM pg_authid",
    ]
    for other in Mesh.services where other != service {
        denied += [
            "SELECT 1 FROM \(other).event", "SELECT 1 FROM \(other).aggregate", "DELETE FROM \(other).event",
            "UPDATE \(other).head SET pos = 0", "INSERT INTO \(other).parked_audit VALUES (now(), 'c', gen_random_uuid(), 'skipped', 'a', 'r')",
            "SELECT \(other).current_timeline()", "CREATE TABLE \(other).mine (a int)",
            "SET ROLE cairn_\(other)",
        ]
    }
    var surprises: [String] = []
    for (statements, expected) in [(allowed, nil as String?), (denied, "42501")] {
        for statement in statements {
            var state: String?
            do {
                _ = try await pool.withConnection { try $0.execute(SQL(stringLiteral: statement)) }
            } catch let error as StorageError {
                state = error.sqlState ?? String(reflecting: error)
            }
            if state != expected { surprises.append("cairn_\(service): \(statement): \(state ?? "let")") }
        }
    }
    await pool.close()
    return surprises
}

extension Town {
    /// Waits until each of these learners has every attainment once and the one entitlement, as their own record says.
    func completed(_ citizens: [Citizen], within limit: Duration = .seconds(30)) async throws {
        for citizen in citizens {
            _ = try await awaited("enrollment \(citizen.enrollment) to be complete", within: limit, every: .milliseconds(50)) {
                let enrollment = try await citizen.client.ask(
                    GetEnrollment(enrollment: citizen.enrollment), "GET /v1/enrollments/{enrollment}")
                return enrollment.status == .completed && enrollment.entitlements.count == 1 ? true : nil
            }
        }
    }
}
