/// Does all of `items`, at most `limit` at once. The first error ends the rest.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: some Collection<Item> & Sendable, limit: Int = 16,
    _ body: @escaping @Sendable (Item) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        var results: [Int: Result] = [:]
        for (place, item) in items.enumerated() {
            if place >= limit, let (done, result) = try await group.next() { results[done] = result }
            group.addTask { (place, try await body(item)) }
        }
        for try await (place, result) in group { results[place] = result }
        return results.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// Asks again every `pause` until there is something. - Throws: when `limit` passes first, with what was waited for.
func awaited<Result>(
    _ what: String, within limit: Duration = .seconds(15), every pause: Duration = .milliseconds(15),
    _ look: () async throws -> Result?
) async throws -> Result {
    let end = ContinuousClock.now + limit
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < end else { throw CommandProblem("waited \(limit.spoken) in vain for \(what)") }
        try await Task.sleep(for: pause)
    }
}
