import Domain

/// What was found so far, bounded.
struct FindingList {
    private var refusals: [PathwayFinding] = []
    private var warnings: [PathwayFinding] = []
    private var dropped = 0

    var hasRefusals: Bool { !refusals.isEmpty }

    var all: [PathwayFinding] {
        guard dropped > 0 else { return refusals + warnings }
        let severity: PathwayFinding.Severity = hasRefusals ? .refused : .warning
        return refusals + warnings + [
            PathwayFinding(severity, "", "check.more",
                           "There are \(dropped) more findings. Mend these and check again.")
        ]
    }

    mutating func refuse(_ place: String, _ rule: String, _ message: String) {
        guard refusals.count < PathwayCheck.findingsMax else { return dropped += 1 }
        refusals.append(PathwayFinding(.refused, place, rule, message))
    }

    mutating func warn(_ place: String, _ rule: String, _ message: String) {
        guard warnings.count < PathwayCheck.findingsMax else { return dropped += 1 }
        warnings.append(PathwayFinding(.warning, place, rule, message))
    }

    mutating func unknown(_ id: String, at place: String) {
        refuse(place, "reference.unknown",
               "There is no component “\(shortened(id))” in this document. Add it, or correct the id.")
    }

    mutating func id(_ id: String, at place: String, seen: inout Set<String>) {
        if !isToken(id) {
            refuse(place, "id.shape", "“\(shortened(id))” is not an id: 1 to \(PathwayDocument.Bounds.id) of the "
                + "letters A-Z and a-z, digits, dot, underscore and hyphen.")
        }
        if !seen.insert(id).inserted {
            refuse(place, "id.duplicate", "The id “\(shortened(id))” is used twice. Give one of them another.")
        }
    }

    mutating func title(_ text: String, at place: String) {
        self.text(text, max: PathwayDocument.Bounds.title, at: place)
    }

    mutating func text(_ text: String, max: Int, at place: String) {
        if text.allSatisfy(\.isWhitespace) {
            refuse(place, "text.empty", "This text is empty. Say in a few words what it is.")
        }
        bound(text, max: max, at: place)
    }

    mutating func long(_ text: String?, at place: String) {
        if let text { bound(text, max: PathwayDocument.Bounds.description, at: place) }
    }

    private mutating func bound(_ text: String, max: Int, at place: String) {
        let length = text.unicodeScalars.count
        if length > max {
            refuse(place, "text.too_long", "This text has \(length) characters and may have \(max). Shorten it.")
        }
    }

    /// An IRI as far as it must be one to be compared: a scheme, something after it, no spaces or controls.
    mutating func target(_ target: String, at place: String) {
        let urn = "urn:uuid:"
        let parts = target.split(separator: ":", maxSplits: 1)
        let isIRI = parts.count == 2 && parts[0].utf8.allSatisfy { isToken($0) || $0 == UInt8(ascii: "+") }
            && target.utf8.count <= PathwayDocument.Bounds.target
            && target.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && !"<>\"{}|\\^`".unicodeScalars.contains(scalar)
            }
        if !isIRI {
            refuse(place, "target.shape", "A target is an IRI without spaces, like urn:uuid: and the identifier of a "
                + "CASE item, or the item's uri.")
        } else if target.lowercased().hasPrefix(urn) {
            let identifier = String(target.dropFirst(urn.utf8.count))
            if EntityID<Attainment>(identifier)?.description != identifier || !target.hasPrefix(urn) {
                refuse(place, "target.uuid", "After urn:uuid: comes a UUID in lower case, as targets are compared "
                    + "letter by letter.")
            }
        }
    }
}

func isToken(_ text: String) -> Bool {
    (1...PathwayDocument.Bounds.id).contains(text.utf8.count) && text.utf8.allSatisfy(isToken)
}

func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
         UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
}

/// Ids come from outside and end up in messages.
func shortened(_ id: String) -> String {
    id.unicodeScalars.count <= PathwayDocument.Bounds.id ? id : String(id.prefix(PathwayDocument.Bounds.id)) + "…"
}
