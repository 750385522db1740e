extension CasePackageReader {
    private static let envelopesMax = 4

    /// The package inside what servers put around it: `{"CFPackage": …}`, `{"data": {"CFPackage": …}}`, a list of one.
    func package(in json: JSONValue) -> CaseMembers? {
        var inner = json, pointer = ""
        var opened: [(pointer: String, name: String, others: [String])] = []
        while opened.count <= Self.envelopesMax {
            if let object = inner.object, object.names.contains(where: Self.parts.contains) {
                for envelope in opened {
                    for other in envelope.others {
                        log.repair(JSONPointer.appending(other, to: envelope.pointer), "case.schema_wrapper",
                                   "was left out, being outside the package")
                    }
                    log.repair(envelope.pointer, "case.schema_wrapper", "the envelope \(envelope.name) was opened")
                }
                return CaseMembers(object, at: pointer, log)
            }
            guard let (name, value, others) = Self.content(of: inner) else { break }
            opened.append((pointer, name, others))
            (inner, pointer) = (value, JSONPointer.appending(name, to: pointer))
        }
        log.refuse("", "case.not_a_package", "must be an object with CFDocument, CFItems and CFAssociations; "
                   + "it begins \(String(decoding: json.serialized().prefix(160), as: UTF8.self))")
        return nil
    }

    private static let parts: Set<String> = ["CFDocument", "CFItems", "CFAssociations"]

    /// The one value in an envelope that has members: what is named CFPackage, or the only such value there is.
    private static func content(of envelope: JSONValue) -> (name: String, value: JSONValue, others: [String])? {
        if let elements = envelope.array { return elements.count == 1 ? ("0", elements[0], []) : nil }
        guard let object = envelope.object else { return nil }
        let inside = object.has("CFPackage") ? ["CFPackage"]
            : object.members.filter { $0.value.object != nil || $0.value.array != nil }.map(\.name)
        guard inside.count == 1, let value = object[inside[0]] else { return nil }
        return (inside[0], value, object.names.filter { $0 != inside[0] })
    }
}
