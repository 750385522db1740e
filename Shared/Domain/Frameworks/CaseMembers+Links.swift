import Foundation

extension CaseMembers {
    private static let form = "a link with title, identifier and uri"

    /// A link; a list of one is that one.
    mutating func link(_ name: String) -> CaseLink? {
        guard let value = filled(name) else { return nil }
        var read: CaseLink?
        if case .array(let elements) = value {
            if elements.count == 1 { read = Self.link(elements[0], at: JSONPointer.appending(0, to: pointer(name)), log) }
            if read != nil { repair(name, "case.list", "a list of one link was read as the link") }
        } else {
            read = Self.link(value, at: pointer(name), log)
        }
        if read == nil { keep(name, not: Self.form) }
        return read
    }

    /// One end of an association.
    mutating func requiredLink(_ name: String) -> CaseLink? {
        guard has(name), let value = value(name) else {
            refuse(name, "case.association_end", "is required")
            return nil
        }
        if let link = Self.link(value, at: pointer(name), log) { return link }
        if value.object != nil {
            refuse(name, "case.association_end", "must have an identifier or a URI")
        } else {
            mismatch(name, value, Self.form)
        }
        return nil
    }

    mutating func links(_ name: String) -> [CaseLink] {
        switch value(name) {
        case .array(let elements)?: return links(elements, of: name)
        case nil: return []
        case let other?:
            guard !other.isBlank, let link = Self.link(other, at: pointer(name), log) else {
                if other.isBlank { _ = filled(name) } else { keep(name, not: "an array of links") }
                return []
            }
            repair(name, "case.list", "one link was read as a list of one")
            return [link]
        }
    }

    private mutating func links(_ elements: [JSONValue], of name: String) -> [CaseLink] {
        if elements.isEmpty { leave(name) }
        var links: [CaseLink] = []
        for (index, element) in elements.enumerated() {
            let place = JSONPointer.appending(index, to: pointer(name))
            if element.isNull || element.isBlank {
                log.repair(place, "case.blank", "nothing was in it, so it was left out")
            } else if let link = Self.link(element, at: place, log) {
                links.append(link)
            } else {
                keep(name, not: "an array of links")
                return []
            }
        }
        return links
    }

    /// Nil where nothing says what is linked.
    private static func link(_ value: JSONValue, at pointer: String, _ log: CaseLog) -> CaseLink? {
        switch value {
        case .string(let text):
            let uri = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !uri.isEmpty else { return nil }
            log.repair(pointer, "case.uri_as_string", "the URI was read as a link")
            return CaseLink(title: "", identifier: UUID(caseText: uri)?.text ?? uri, uri: uri)
        case .object(let object):
            let isReadable = ["title", "identifier", "sourcedId", "uri"].compactMap { object[$0] }
                .allSatisfy { $0.isNull || $0.isBlank || $0.text != nil || $0.number != nil }
            var members = CaseMembers(object, at: pointer, log)
            return isReadable ? members.link() : nil
        default: return nil
        }
    }

    /// This object as a link. Identifier and URI stand in for each other when one is absent.
    private mutating func link() -> CaseLink? {
        let givenTitle = line("title")
        let givenIdentifier = line(nameOfIdentifier()).flatMap { $0.isEmpty ? nil : $0 }
        let givenURI = line("uri").flatMap { $0.isEmpty ? nil : $0 }
        guard let identifier = givenIdentifier ?? givenURI.map({ UUID(caseText: $0)?.text ?? $0 }) else { return nil }
        let uri = givenURI ?? UUID(caseText: identifier).map { "urn:uuid:\($0.text)" } ?? identifier
        if givenTitle == nil { repair("title", "case.link_incomplete", "the link has no title") }
        if givenIdentifier == nil { repair("identifier", "case.link_incomplete", "was taken from the URI") }
        if givenURI == nil { repair("uri", "case.link_incomplete", "was made from the identifier") }
        let targetType = line("targetType")
        return CaseLink(
            title: givenTitle ?? "", identifier: identifier, uri: uri, targetType: targetType, extra: extra)
    }
}

extension UUID {
    /// A UUID as publishers spell it: in capitals or braces, without hyphens, or at the end of something that is
    /// plainly longer than it: `urn:uuid:<uuid>`, `ce-<uuid>`, `…/CFItems/<uuid>.json`.
    init?(caseText given: String) {
        if let uuid = UUID(text: given) {
            self = uuid
            return
        }
        var text = given[...]
        if text.hasPrefix("{"), text.hasSuffix("}") { text = text.dropFirst().dropLast() }
        if text.hasSuffix(".json") { text = text.dropLast(5) }
        if text.utf8.count == 32, text.utf8.allSatisfy({ UInt8(ascii: "-") != $0 }) {
            text = [8, 4, 4, 4, 12].reduce(into: (rest: text, parts: [Substring]())) { state, length in
                state.parts.append(state.rest.prefix(length))
                state.rest = state.rest.dropFirst(length)
            }.parts.joined(separator: "-")[...]
        }
        let before = text.dropLast(36).last
        guard before.map({ !$0.isLetter && !$0.isNumber }) ?? true, let uuid = UUID(text: String(text.suffix(36)))
        else { return nil }
        self = uuid
    }
}
