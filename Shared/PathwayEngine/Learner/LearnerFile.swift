import Domain

/// One learner as a file tells of them: `docs/pathway-files.md` is its reference for people.
package struct LearnerFile: Hashable, Sendable {
    /// Whatever whoever wrote the file calls them; 1...`Bounds.name` code points. Never an address of a person.
    package var learner: String
    package var facts: LearnerFacts

    package init(learner: String, facts: LearnerFacts) {
        self.learner = learner
        self.facts = facts
    }

    package enum Bounds {
        /// Of one learner.
        package static let attainments = 10_000
        package static let zones = 100
        /// Targets of which it is not known whether they are held.
        package static let unknown = 10_000
        package static let name = 200
        /// 16 MiB: a file of one learner.
        package static let fileBytes = 16 << 20
        /// 1 MiB: a line of a population.
        package static let lineBytes = 1 << 20
    }

    /// - Parameter bytes: one JSON object; a byte order mark before it is passed over.
    /// - Throws: the first thing that is wrong, with line and column for what is no JSON and the place for the rest.
    package static func read(_ bytes: [UInt8]) throws(LearnerProblem) -> LearnerFile {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        return try read(bytes, line: nil, bytesMax: Bounds.fileBytes)
    }

    static func read(_ bytes: [UInt8], line: Int?, bytesMax: Int) throws(LearnerProblem) -> LearnerFile {
        let limits = JSONLimits(bytesMax: bytesMax, depthMax: 16, membersMax: 100, valuesMax: 200_000)
        let value: JSONValue
        do { value = try JSONValue.parse(bytes, limits: limits) } catch {
            throw LearnerProblem(error, bytes, line: line)
        }
        if value.array != nil {
            throw LearnerProblem(line: line, place: "", rule: "learner.array",
                                 message: "This is an array. Write one object for one learner, and for a population "
                                     + "one object a line.")
        }
        do { return try value.decode(LearnerFile.self) } catch {
            let first = error.violations.first
            let message = first?.message ?? error.message
            let isFragment = message.first?.isLowercase ?? true
            throw LearnerProblem(
                line: line, place: first?.pointer ?? "", rule: first?.rule ?? "learner.malformed",
                message: isFragment ? "This \(message)." : message)
        }
    }
}

/// Why a learner file or a line of a population cannot be used.
package struct LearnerProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Of a population, from 1.
    package var line: Int?
    /// RFC 6901 pointer into the object.
    package var place: String
    /// `json.…`, `member.…` or `learner.…`, stable across releases.
    package var rule: String
    package var message: String

    package var description: String {
        let place = place.isEmpty ? "" : "\(place): "
        return (line.map { "line \($0): " } ?? "") + place + message + " [\(rule)]"
    }
}

extension LearnerProblem {
    /// In a population the line is known already, so that only the column is added.
    init(_ error: JSONError, _ bytes: [UInt8], line: Int?) {
        let before = bytes.prefix(error.offset)
        let row = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = before.count - start + 1
        let spot = line == nil ? "Line \(row), column \(column)" : "Column \(column)"
        self.init(line: line, place: error.pointer, rule: error.rule, message: "\(spot): \(error.message)")
    }
}

extension LearnerFile: Decodable {
    private enum Member: String, CodingKey { case learner, attainments, zones, unknown }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        learner = try members.decode(String.self, forKey: .learner)
        guard (1...Bounds.name).contains(learner.unicodeScalars.count) else {
            throw members.wrong(.learner, "must have 1 to \(Bounds.name) characters")
        }
        var list = try members.nestedUnkeyedContainer(forKey: .attainments)
        guard list.count ?? 0 <= Bounds.attainments else {
            throw members.wrong(.attainments, "may have at most \(Bounds.attainments) entries")
        }
        var attainments: [HeldAttainment] = [], seen: Set<EntityID<Attainment>> = []
        while !list.isAtEnd {
            let number = attainments.count
            let line = try list.decode(Line.self)
            let id = line.id ?? EntityID.following("learner-file", learner, String(number))
            guard seen.insert(id).inserted else {
                throw DecodingError.dataCorruptedError(
                    in: list, debugDescription: "must not have the id of another attainment")
            }
            attainments.append(line.held(id))
        }
        let zones = try members.decodeIfPresent([String].self, forKey: .zones) ?? []
        guard zones.count <= Bounds.zones else { throw members.wrong(.zones, "may have at most \(Bounds.zones) entries") }
        facts = LearnerFacts(attainments, zones: Set(zones), unknown: .nothing)
        facts.unknown = try Self.unknown(members)
    }

    private static func unknown(_ members: KeyedDecodingContainer<Member>) throws -> LearnerFacts.Unknown {
        guard members.contains(.unknown), try !members.decodeNil(forKey: .unknown) else { return .nothing }
        if let all = try? members.decode(Bool.self, forKey: .unknown) { return all ? .everything : .nothing }
        guard let targets = try? members.decode([String].self, forKey: .unknown) else {
            throw members.wrong(.unknown, "must be true or a list of targets")
        }
        guard targets.count <= Bounds.unknown else {
            throw members.wrong(.unknown, "may have at most \(Bounds.unknown) entries")
        }
        return targets.isEmpty ? .nothing : .targets(Set(targets))
    }

    /// An attainment as it is written.
    private struct Line: Decodable {
        var id: EntityID<Attainment>?
        var target: String
        var level: PathwayDocument.Level?
        var credits: Credits?
        var basis: AttainmentBasis
        var from: CalendarDate
        var until: CalendarDate?

        private enum Member: String, CodingKey { case id, target, level, credits, basis, from, until }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Member.self)
            id = try members.decodeIfPresent(EntityID<Attainment>.self, forKey: .id)
            target = try members.decode(String.self, forKey: .target)
            guard target.contains(":"), target.utf8.count <= PathwayDocument.Bounds.target,
                  !target.contains(where: \.isWhitespace) else {
                throw members.wrong(.target, "must be an IRI, like urn:uuid: and the identifier of a framework's item")
            }
            level = try members.decodeIfPresent(PathwayDocument.Level.self, forKey: .level)
            credits = try members.decodeIfPresent(Credits.self, forKey: .credits)
            basis = try members.decodeIfPresent(AttainmentBasis.self, forKey: .basis) ?? .assessed
            from = try members.decode(CalendarDate.self, forKey: .from)
            until = try members.decodeIfPresent(CalendarDate.self, forKey: .until)
            if let until, until < from { throw members.wrong(.until, "must not be before from") }
        }

        func held(_ id: EntityID<Attainment>) -> HeldAttainment {
            HeldAttainment(id: id, target: target, level: level, credits: credits, basis: basis, from: from, until: until)
        }
    }
}

extension KeyedDecodingContainer {
    fileprivate func wrong(_ key: Key, _ message: String) -> DecodingError {
        .dataCorruptedError(forKey: key, in: self, debugDescription: message)
    }
}
