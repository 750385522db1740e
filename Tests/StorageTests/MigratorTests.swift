import Storage
import Support
import Testing

@Suite(.timeLimit(.minutes(2))) struct MigratorTests {
    private let first = Migration(name: "r0001_create", sql: "CREATE TABLE a (n int); CREATE TABLE b (n int);")
    private let second = Migration(name: "r0002_fill", sql: "INSERT INTO a VALUES (1);")
    private let third = Migration(name: "r0003_more", sql: "INSERT INTO a VALUES (2);")

    private func refusal(_ migrator: Migrator) async -> MigrationError? {
        do { try await migrator.requireCurrent() } catch { return error }
        return nil
    }

    @Test func `a schema is behind, current, ahead or altered, and says what to do`() async throws {
        try await withTestDatabase { database in
            let configuration = database.configuration(schema: "records")
            let two = Migrator(configuration, [first, second])
            #expect(await refusal(two) == .behind(schema: "records", [first.name, second.name]))
            let applied = try await two.apply()
            #expect(applied == [first.name, second.name])
            let appliedAgain = try await two.apply()
            #expect(appliedAgain == [])
            #expect(await refusal(two) == nil)
            #expect(await refusal(Migrator(configuration, [first])) == .ahead(schema: "records", [second.name]))
            #expect(await refusal(Migrator(configuration, [first, second, third]))?.description
                == "schema records lacks r0003_more: run `cairn migrate`")
            let edited = Migrator(configuration, [first, Migration(name: second.name, sql: "SELECT 1")])
            let status = try await edited.status()
            #expect(status == MigrationStatus(applied: [first.name], altered: [second.name]))
            await #expect(throws: MigrationError.altered(schema: "records", [second.name])) { try await edited.apply() }
            await #expect(throws: MigrationError.ahead(schema: "records", [second.name])) {
                try await Migrator(configuration, [first]).apply()
            }
        }
    }

    @Test func `two at once apply each migration once`() async throws {
        try await withTestDatabase { database in
            let migrator = Migrator(database.configuration(schema: "records"), [first, second, third])
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await migrator.apply() } }
                return try await group.reduce([], +)
            }
            #expect(applied.sorted() == [first.name, second.name, third.name])
            let reader = Reader(database.configuration(schema: "records"), logger: quiet)
            let rows = try await reader.query("SELECT n FROM a ORDER BY n").decode(Int.self)
            #expect(rows == [1, 2])
            await reader.close()
        }
    }

    @Test(arguments: ["INSERT INTO a VALUES (9); SELECT 1/0;", "INSERT INTO a VALUES (9); COMMIT; SELECT 1;"])
    func `a migration that fails leaves those before it and nothing of its own`(sql: String) async throws {
        try await withTestDatabase { database in
            let migrator = Migrator(
                database.configuration(schema: "records"), [first, Migration(name: "r0002_bad", sql: sql), third])
            let error = await #expect(throws: MigrationError.self) { try await migrator.apply() }
            guard case .failed("r0002_bad", _) = error else { Issue.record("\(String(describing: error))"); return }
            let status = try await migrator.status()
            #expect(status == MigrationStatus(applied: [first.name], pending: ["r0002_bad", third.name]))
        }
    }
}
