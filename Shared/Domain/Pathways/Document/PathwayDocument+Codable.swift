// Written out, because a synthesized decoder would skip members it does not know: a rule that a later version adds
// must be refused here and never be ignored in silence.

extension PathwayDocument: Codable {
    private enum Member: String, CodingKey, CaseIterable {
        case format, title, description, occupations, sector, components, destinations, entitlements, requires
        case progressions, crosswalks, waivers
    }

    package init(from decoder: any Decoder) throws {
        // The format is read first: a file of a later version should hear that, not that a member is unknown.
        let header = try decoder.container(keyedBy: Member.self)
        let format = try header.decode(String.self, forKey: .format)
        guard format == Self.format else {
            throw DecodingError.dataCorruptedError(
                forKey: .format, in: header,
                debugDescription: "must be \"\(Self.format)\"; this version reads no \"\(format.prefix(64))\"")
        }
        let members = try decoder.membersOfPathway("a pathway", Member.self)
        title = try members.decode(String.self, forKey: .title)
        description = try members.decodeIfPresent(String.self, forKey: .description)
        occupations = try members.decodeIfPresent([Occupation].self, forKey: .occupations) ?? []
        sector = try members.decodeIfPresent(String.self, forKey: .sector)
        components = try members.decode([Component].self, forKey: .components)
        destinations = try members.decode([String].self, forKey: .destinations)
        entitlements = try members.decodeIfPresent([Entitlement].self, forKey: .entitlements) ?? []
        requires = try members.decodeIfPresent(Requires.self, forKey: .requires)
        progressions = try members.decodeIfPresent([Progression].self, forKey: .progressions) ?? []
        crosswalks = try members.decodeIfPresent([Crosswalk].self, forKey: .crosswalks) ?? []
        waivers = try members.decodeIfPresent([Waiver].self, forKey: .waivers) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(Self.format, forKey: .format)
        try members.encode(title, forKey: .title)
        try members.encodeIfPresent(description, forKey: .description)
        if !occupations.isEmpty { try members.encode(occupations, forKey: .occupations) }
        try members.encodeIfPresent(sector, forKey: .sector)
        try members.encode(components, forKey: .components)
        try members.encode(destinations, forKey: .destinations)
        if !entitlements.isEmpty { try members.encode(entitlements, forKey: .entitlements) }
        try members.encodeIfPresent(requires, forKey: .requires)
        if !progressions.isEmpty { try members.encode(progressions, forKey: .progressions) }
        if !crosswalks.isEmpty { try members.encode(crosswalks, forKey: .crosswalks) }
        if !waivers.isEmpty { try members.encode(waivers, forKey: .waivers) }
    }
}

extension PathwayDocument.Occupation: Decodable {
    private enum Member: String, CodingKey, CaseIterable { case code, title }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("an occupation", Member.self)
        code = try members.decode(String.self, forKey: .code)
        title = try members.decode(String.self, forKey: .title)
    }
}

extension PathwayDocument.Component: Codable {
    private enum Member: String, CodingKey, CaseIterable {
        case id, kind, title, description, target, level, bases, currency, condition, milestone, precedes
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a component", Member.self)
        id = try members.decode(String.self, forKey: .id)
        kind = try members.word(Kind.self, forKey: .kind)
        title = try members.decode(String.self, forKey: .title)
        description = try members.decodeIfPresent(String.self, forKey: .description)
        target = try members.decodeIfPresent(String.self, forKey: .target)
        level = try members.decodeIfPresent(PathwayDocument.Level.self, forKey: .level)
        bases = try members.decodeIfPresent([AttainmentBasis].self, forKey: .bases)
        currency = try members.decodeIfPresent(PathwayDocument.Currency.self, forKey: .currency)
        condition = try members.decodeIfPresent(PathwayDocument.Condition.self, forKey: .condition)
        milestone = try members.decodeIfPresent(PathwayDocument.Milestone.self, forKey: .milestone)
        precedes = try members.decodeIfPresent([String].self, forKey: .precedes) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Member.self)
        try members.encode(id, forKey: .id)
        try members.encode(kind, forKey: .kind)
        try members.encode(title, forKey: .title)
        try members.encodeIfPresent(description, forKey: .description)
        try members.encodeIfPresent(target, forKey: .target)
        try members.encodeIfPresent(level, forKey: .level)
        try members.encodeIfPresent(bases, forKey: .bases)
        try members.encodeIfPresent(currency, forKey: .currency)
        try members.encodeIfPresent(condition, forKey: .condition)
        try members.encodeIfPresent(milestone, forKey: .milestone)
        if !precedes.isEmpty { try members.encode(precedes, forKey: .precedes) }
    }
}

extension PathwayDocument.Milestone: Decodable {
    private enum Member: String, CodingKey, CaseIterable { case title, level }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a milestone", Member.self)
        title = try members.decode(String.self, forKey: .title)
        level = try members.wholeIfPresent(.level)
    }
}

extension PathwayDocument.Entitlement: Decodable {
    private enum Member: String, CodingKey, CaseIterable {
        case id, after, kind, title, obligor, days, terms
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("an entitlement", Member.self)
        id = try members.decode(String.self, forKey: .id)
        after = try members.decode(String.self, forKey: .after)
        kind = try members.decode(Kind.self, forKey: .kind)
        title = try members.decode(String.self, forKey: .title)
        obligor = try members.decode(EntityID<Organization>.self, forKey: .obligor)
        days = try members.whole(.days)
        terms = try members.decodeIfPresent(String.self, forKey: .terms)
    }
}

extension PathwayDocument.Requires: Decodable {
    private enum Member: String, CodingKey, CaseIterable { case recognitions }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("requires", Member.self)
        recognitions = try members.decode([PathwayDocument.Recognitions].self, forKey: .recognitions)
    }
}

extension PathwayDocument.Recognitions: Decodable {
    private enum Member: String, CodingKey, CaseIterable { case kind, organizations, atLeast }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.membersOfPathway("a required recognition", Member.self)
        kind = try members.word(Kind.self, forKey: .kind)
        organizations = try members.decodeIfPresent([EntityID<Organization>].self, forKey: .organizations)
        atLeast = try members.whole(.atLeast)
    }
}

extension Decoder {
    /// The members of an object that may have no others.
    func membersOfPathway<Member: CodingKey & CaseIterable>(
        _ what: String, _: Member.Type
    ) throws -> KeyedDecodingContainer<Member> {
        let present = try container(keyedBy: TextKey.self).allKeys.map(\.stringValue)
        if let unknown = present.filter({ Member(stringValue: $0) == nil }).min() {
            let known = Member.allCases.map(\.stringValue).joined(separator: ", ")
            throw DecodingError.dataCorrupted(.init(
                codingPath: codingPath + [TextKey(unknown)],
                debugDescription: "is not supported by this version; \(what) has \(known)"))
        }
        return try container(keyedBy: Member.self)
    }
}

extension KeyedDecodingContainer {
    /// A whole number. `JSONDecoder` blames the whole text for 2.5; this names the place.
    func whole(_ key: Key) throws -> Int {
        do { return try decode(Int.self, forKey: key) } catch DecodingError.dataCorrupted {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "must be a whole number")
        }
    }

    fileprivate func wholeIfPresent(_ key: Key) throws -> Int? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try whole(key)
    }

    /// One of a closed list of words; the refusal names them all.
    func word<Word: RawRepresentable & CaseIterable>(
        _: Word.Type, forKey key: Key
    ) throws -> Word where Word.RawValue == String {
        let text = try decode(String.self, forKey: key)
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "must be one of \(known), not `\(text.prefix(64))`")
        }
        return word
    }

    func wordIfPresent<Word: RawRepresentable & CaseIterable>(
        _ type: Word.Type, forKey key: Key
    ) throws -> Word? where Word.RawValue == String {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try word(type, forKey: key)
    }
}
