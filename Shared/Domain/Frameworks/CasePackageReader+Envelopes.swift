extension CasePackageReader {
    private static let envelopesMax = 4

    /// The package inside what servers put around it: `{"CFPackage": …}`, `{"data": {"CFPackage": …}}`, a list of one.
    func package(in json: JSONValue) -> CaseMembers? {
        var inner = json, pointer = ""
        var opened: [(envelope: Envelope, pointer: String)] = []
        while opened.count <= Self.envelopesMax {
            if let object = inner.object, object.names.contains(where: Self.parts.contains) {
                for (envelope, pointer) in opened { report(envelope, at: pointer) }
                return CaseMembers(object, at: pointer, log)
            }
            guard let envelope = Envelope(inner) else { break }
            opened.append((envelope, pointer))
            (inner, pointer) = (envelope.content, JSONPointer.appending(envelope.token, to: pointer))
        }
        let beginning = String(decoding: json.serialized().prefix(160), as: UTF8.self)
        log.refuse("", "case.not_a_package",
                   "must be an object with CFDocument, CFItems and CFAssociations; it begins \(beginning)")
        return nil
    }

    private static let parts: Set<String> = ["CFDocument", "CFItems", "CFAssociations"]

    private func report(_ envelope: Envelope, at pointer: String) {
        for other in envelope.others {
            log.repair(JSONPointer.appending(other, to: pointer), "case.schema_wrapper",
                       "was left out, being outside the package")
        }
        log.repair(pointer, "case.schema_wrapper", envelope.message)
    }
}

/// An object or a list around the one value in it that has members: what is named CFPackage, or the only one there is.
private struct Envelope {
    var token: String
    var content: JSONValue
    var others: [String] = []
    var message: String

    init?(_ json: JSONValue) {
        if let elements = json.array {
            guard elements.count == 1 else { return nil }
            (token, content, message) = ("0", elements[0], "the list of one was opened")
            return
        }
        guard let object = json.object else { return nil }
        let inside = object.has("CFPackage") ? ["CFPackage"]
            : object.members.filter { $0.value.object != nil || $0.value.array != nil }.map(\.name)
        guard inside.count == 1, let value = object[inside[0]] else { return nil }
        (token, content, message) = (inside[0], value, "the envelope \(inside[0]) was opened")
        others = object.names.filter { $0 != inside[0] }
    }
}
