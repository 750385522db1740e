import Domain

/// Whether a credential has the members, kinds, types and contexts that its class must have. Reads nothing but the
/// document, and walks it with a list of what is left to look at.
enum StructureCheck {
    static let problemsMax = 20

    /// In the order they were found; empty for a sound document; at most `problemsMax`.
    static func problems(of credential: JSONObject) -> [CredentialError] {
        guard let model = DataModel(of: credential) else {
            return [CredentialError("structure.context", "The first context must be that of the W3C data model 2.0, or 1.1.", at: "/@context")]
        }
        var problems = ContextCheck.problems(of: credential, model)
        problems += dates(credential, model)
        if credential.issuerID == nil { problems.append(required("issuer")) }
        let className = CredentialClass(of: credential)
        if className == .other, usesBadgeContext(credential) {
            problems.append(CredentialError(
                "structure.type", "type must name OpenBadgeCredential, AchievementCredential, EndorsementCredential or ClrCredential; these are unknown: \(credential.types.joined(separator: ", ").prefix(200)).", at: "/type"))
        }
        problems += shape(of: credential, as: className.shape)
        if problems.isEmpty { problems += RuleCheck.problems(of: credential, className) }
        return Array(problems.prefix(problemsMax))
    }

    private static func usesBadgeContext(_ credential: JSONObject) -> Bool {
        credential.list("@context").contains { ($0.text?.hasPrefix("https://purl.imsglobal.org/spec/") ?? false) }
            && !credential.types.contains("BitstringStatusListCredential")
    }

    private static func required(_ name: String, at pointer: String = "") -> CredentialError {
        CredentialError("structure.required", "\(name) is missing.", at: JSONPointer.appending(name, to: pointer))
    }

    private static func dates(_ credential: JSONObject, _ model: DataModel) -> [CredentialError] {
        var problems: [CredentialError] = []
        // Open Badges and 1.1 want a beginning; the data model 2.0 does not.
        let needsBeginning = model == .v1 || CredentialClass(of: credential) != .other
        if needsBeginning, credential[model.validFrom] == nil { problems.append(required(model.validFrom)) }
        for name in [model.validFrom, model.validUntil] {
            if let value = credential[name], value.text.flatMap(Timestamp.init) == nil {
                problems.append(CredentialError("structure.time", "\(name) must be a date and time with an offset.", at: "/\(name)"))
            }
        }
        return problems
    }

    /// The whole tree of classes below `credential`.
    private static func shape(of credential: JSONObject, as name: String) -> [CredentialError] {
        var problems: [CredentialError] = []
        var open = [Open(value: credential, shape: name, place: .whole)]
        while let next = open.popLast(), problems.count < problemsMax {
            guard let shape = Shapes.all[next.shape] else { continue }
            for name in shape.required where !next.value.has(name) {
                problems.append(required(name, at: next.place.pointer))
            }
            if shape.hasType, !Shapes.free.contains(next.shape) { problems += type(of: next) }
            for member in next.value.members {
                if let expected = shape.members[member.name] {
                    check(member.value, expected, in: next.place, &problems, &open)
                } else if shape.isClosed {
                    let place = Place.member(member.name, of: next.place)
                    problems.append(CredentialError("structure.closed", "\(next.shape) has no member \(member.name).", at: place.pointer))
                }
            }
        }
        return problems
    }

    /// An object that is left to look at.
    private struct Open {
        var value: JSONObject
        var shape: String
        var place: Place
    }

    /// Where a value stands. It is written out only when something is wrong there.
    private indirect enum Place {
        case whole
        case member(String, of: Place)
        case element(Int, of: Place)

        var pointer: String {
            var tokens: [String] = [], place = self
            while true {
                switch place {
                case .whole: return tokens.reversed().joined()
                case .member(let name, let outer):
                    tokens.append(JSONPointer.appending(name, to: ""))
                    place = outer
                case .element(let index, let outer):
                    tokens.append("/\(index)")
                    place = outer
                }
            }
        }
    }

    private static func type(of next: Open) -> [CredentialError] {
        let accepted = next.shape == "AchievementCredential" ? ["AchievementCredential", "OpenBadgeCredential"] : [next.shape]
        guard !next.value.types.contains(where: accepted.contains) else { return [] }
        return [CredentialError("structure.type", "type must contain \(accepted.joined(separator: " or ")).", at: next.place.pointer + "/type")]
    }

    private static func check(
        _ value: JSONValue, _ member: Shapes.Member, in outer: Place, _ problems: inout [CredentialError], _ open: inout [Open]
    ) {
        var place: Place { .member(member.name, of: outer) }
        guard case .array(let elements) = value else { return check(one: value, member, at: place, &problems, &open) }
        guard member.isMany else {
            problems.append(CredentialError("structure.kind", "There may be only one \(member.name).", at: place.pointer))
            return
        }
        if member.isRequired, elements.isEmpty {
            problems.append(CredentialError("structure.empty", "\(member.name) must not be empty.", at: place.pointer))
        }
        for (index, element) in elements.enumerated() {
            check(one: element, member, at: .element(index, of: place), &problems, &open)
            if problems.count >= problemsMax { return }
        }
    }

    private static func check(
        one value: JSONValue, _ member: Shapes.Member, at place: @autoclosure () -> Place, _ problems: inout [CredentialError],
        _ open: inout [Open]
    ) {
        switch (member.kind, value) {
        case (.object(let shape), .object(let object)), (.uriOrObject(let shape), .object(let object)):
            // Nested credentials and endorsements are judged as documents of their own.
            if shape != "VerifiableCredential" && shape != "EndorsementCredential" {
                open.append(Open(value: object, shape: shape, place: place()))
            }
        default:
            guard let expected = mismatch(value, member.kind) else { return }
            problems.append(CredentialError(
                "structure.kind", "\(member.name) must be \(expected), not \(value.kind).", at: place().pointer))
        }
    }

    /// What should have been there, or nil when it is.
    private static func mismatch(_ value: JSONValue, _ kind: Shapes.Kind) -> String? {
        switch kind {
        case .any: value.object != nil || value.text != nil ? nil : "an object"
        case .text: value.text != nil || isLanguageMap(value) ? nil : "text"
        case .uri, .uriOrObject: value.text.map { !$0.isEmpty } ?? false ? nil : "an address"
        case .time: value.text.flatMap(Timestamp.init) != nil ? nil : "a date and time with an offset"
        case .date: value.text.flatMap { CalendarDate($0) } != nil ? nil : "a date"
        case .number: value.number != nil ? nil : "a number"
        case .flag: value.bool != nil ? nil : "true or false"
        case .object(let shape): "an object of class \(shape)"
        case .word(let words, let isExtensible):
            value.text.map { words.contains($0) || isExtensible && $0.hasPrefix("ext:") && $0.utf8.count > 4 } ?? false
                ? nil : "a word of the published list\(isExtensible ? " or ext: and a name" : "")"
        }
    }

    private static func isLanguageMap(_ value: JSONValue) -> Bool {
        value.object?.members.allSatisfy { $0.value.text != nil } ?? false
    }
}

/// What a credential is, by its `type`.
enum CredentialClass: Sendable {
    case badge, endorsement, clr, other

    init(of credential: JSONObject) {
        let types = credential.types
        if types.contains("ClrCredential") { self = .clr } else if types.contains("EndorsementCredential") {
            self = .endorsement
        } else if types.contains("OpenBadgeCredential") || types.contains("AchievementCredential") {
            self = .badge
        } else { self = .other }
    }

    var shape: String {
        switch self {
        case .badge: "AchievementCredential"
        case .endorsement: "EndorsementCredential"
        case .clr: "ClrCredential"
        case .other: "VerifiableCredential"
        }
    }
}
