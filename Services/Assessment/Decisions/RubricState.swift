import Domain
import EventLog

/// A rubric with every version it ever had: an assessment keeps the one it was opened with.
struct RubricState: Aggregate {
    typealias Entity = Rubric
    static let kind = "rubric"
    static let versionsMax = 50

    var id: EntityID<Rubric>
    /// In order; the first is version 1.
    var versions: [RubricVersion]

    init?(_ event: any Event) {
        guard let event = event as? RubricPublished else { return nil }
        id = event.rubric
        versions = [RubricVersion(title: event.title, criteria: event.criteria)]
    }

    mutating func evolve(_ event: any Event) {
        if let event = event as? RubricPublished {
            versions.append(RubricVersion(title: event.title, criteria: event.criteria))
        }
    }
}

struct RubricVersion: Codable, Sendable, Hashable {
    static let criteriaMax = 50
    /// Of all texts of one version together.
    static let bytesMax = 128 * 1024

    var title: String
    var criteria: [RubricCriterion]
}

extension RubricVersion {
    /// What a caller wants published, as it may be.
    init(reading title: String, _ criteria: [RubricCriterion]) throws(Fault) {
        self.title = try readText(title, at: "/title", limit: 300)
        guard (1...Self.criteriaMax).contains(criteria.count) else {
            throw .invalid("/criteria", "criteria.count", "Give 1 to \(Self.criteriaMax) criteria.")
        }
        var ids: Set<String> = []
        self.criteria = []
        for (index, criterion) in criteria.enumerated() {
            let read = try criterion.read(at: "/criteria/\(index)")
            guard ids.insert(read.id).inserted else {
                throw .invalid("/criteria/\(index)/id", "criterion.duplicate", "Another criterion has this id.")
            }
            self.criteria.append(read)
        }
        guard self.criteria.reduce(self.title.utf8.count, { $0 + $1.textBytes }) <= Self.bytesMax else {
            throw .invalid("/criteria", "rubric.size", "The texts of a rubric have at most 128 KiB together.")
        }
    }
}

extension RubricCriterion {
    static let levelsCount = 2...10

    fileprivate func read(at pointer: String) throws(Fault) -> RubricCriterion {
        guard id.isToken else {
            throw .invalid(
                "\(pointer)/id", "criterion.id", "Give 1 to 64 letters, digits, dots, dashes or underscores.")
        }
        guard Self.levelsCount.contains(levels.count) else {
            throw .invalid("\(pointer)/levels", "levels.count", "Give 2 to 10 levels.")
        }
        var read: [CriterionLevel] = []
        for (index, level) in levels.enumerated() {
            let here = "\(pointer)/levels/\(index)"
            let value = try readLevel(level.level, at: "\(here)/level")
            if let before = read.last, before.level >= value {
                throw .invalid("\(here)/level", "levels.rising", "Each level must be higher than the one before it.")
            }
            read.append(CriterionLevel(
                level: value,
                description: try readText(level.description, at: "\(here)/description", limit: 1000, lines: true)))
        }
        guard has(level: metAt) else {
            throw .invalid("\(pointer)/metAt", "met_at.level", "Must be one of the criterion's levels.")
        }
        return RubricCriterion(
            id: id, target: try readIRI(target, at: "\(pointer)/target"),
            description: try readText(description, at: "\(pointer)/description", limit: 2000, lines: true),
            levels: read, metAt: metAt)
    }

    func has(level: Double) -> Bool { levels.contains { $0.level == level } }

    fileprivate var textBytes: Int {
        levels.reduce(id.utf8.count + target.utf8.count + description.utf8.count) { $0 + $1.description.utf8.count }
    }
}

func decide(publishing version: RubricVersion, as id: EntityID<Rubric>) -> Decision<PublishRubric.Reply> {
    version.published(as: 1, of: id)
}

func decide(_ rubric: RubricState, revisedTo version: RubricVersion) throws(Fault) -> Decision<ReviseRubric.Reply> {
    guard rubric.versions.count < RubricState.versionsMax else {
        throw .refused(
            "rubric.versions", "A rubric has at most \(RubricState.versionsMax) versions. Publish a new one.")
    }
    return version.published(as: rubric.versions.count + 1, of: rubric.id)
}

extension RubricVersion {
    fileprivate func published(as number: Int, of rubric: EntityID<Rubric>) -> Decision<PublishRubric.Reply> {
        Decision(
            [RubricPublished(rubric: rubric, rubricVersion: number, title: title, criteria: criteria)],
            reply: PublishRubric.Reply(rubric: rubric, version: number))
    }
}
