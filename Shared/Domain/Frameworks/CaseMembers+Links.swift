import Foundation

extension CaseMembers {
    mutating func link(_ name: String) -> CaseLink? {
        guard let value = value(name) else { return nil }
        return Self.link(value, at: pointer(name), log)
    }

    mutating func links(_ name: String) -> [CaseLink] {
        switch value(name) {
        case nil: return []
        case .array(let elements)?:
            if elements.isEmpty { leave(name) }
            return elements.enumerated().compactMap { index, element in
                Self.link(element, at: JSONPointer.appending(index, to: pointer(name)), log)
            }
        case let other?:
            guard let link = Self.link(other, at: pointer(name), log) else { return [] }
            repair(name, "case.list", "one link was read as a list of one")
            return [link]
        }
    }

    private static func link(_ value: JSONValue, at pointer: String, _ log: CaseLog) -> CaseLink? {
        switch value {
        case .string(let text):
            let uri = text.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !uri.isEmpty else {
                log.refuse(pointer, "member.missing", "must not be blank")
                return nil
            }
            log.repair(pointer, "case.uri_as_string", "the URI was read as a link")
            return CaseLink(title: "", identifier: identifier(in: uri) ?? uri, uri: uri)
        case .object(let object):
            var members = CaseMembers(object, at: pointer, log)
            return members.link()
        default:
            log.refuse(pointer, "member.type", "must be an object with title, identifier and uri, not \(value.kind)")
            return nil
        }
    }

    /// This object as a link. Identifier and URI stand in for each other when one is absent.
    private mutating func link() -> CaseLink? {
        let givenTitle = line("title")
        let givenIdentifier = line("identifier").flatMap { $0.isEmpty ? nil : $0 }
        let givenURI = line("uri").flatMap { $0.isEmpty ? nil : $0 }
        guard let identifier = givenIdentifier ?? givenURI.map({ Self.identifier(in: $0) ?? $0 }) else {
            missing("identifier")
            return nil
        }
        let uri = givenURI ?? "urn:uuid:\(identifier)"
        if givenTitle == nil { repair("title", "case.link_incomplete", "the link has no title") }
        if givenIdentifier == nil { repair("identifier", "case.link_incomplete", "was taken from the URI") }
        if givenURI == nil { repair("uri", "case.link_incomplete", "was made from the identifier") }
        let targetType = line("targetType")
        return CaseLink(
            title: givenTitle ?? "", identifier: identifier, uri: uri, targetType: targetType, extra: extra)
    }

    /// The UUID at the end of a CASE URI: `…/CFItems/<uuid>` or `…/<uuid>.json`.
    static func identifier(in uri: String) -> String? {
        var text = Substring(uri)
        if text.hasSuffix(".json") { text = text.dropLast(5) }
        let tail = String(text.suffix(36))
        return UUID(text: tail) == nil ? nil : tail
    }
}
