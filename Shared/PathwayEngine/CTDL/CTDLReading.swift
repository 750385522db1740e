import Domain

/// What became of a CTDL file.
package struct CTDLReading: Sendable {
    /// Nil when there is a refusal.
    package var document: PathwayDocument?
    /// Why it cannot be read; places are RFC 6901 pointers into the file.
    package var refusals: [PathwayFinding] = []
    /// What was not kept, and what was read as something else. At most `notesMax`, a last one saying how many more.
    package var notes: [CTDLNote] = []
    /// What the file calls the things of the document, so that writing gives its names back.
    package var names = CTDLNames()

    package static let notesMax = 2000
}

/// Something of a CTDL file or of a document that the other form cannot say just so.
package struct CTDLNote: Hashable, Sendable, Codable {
    package var outcome: Outcome
    /// The `@id` of the node, or an RFC 6901 pointer to one that has none; in writing, the id of the component.
    package var place: String
    /// The term or member it is about.
    package var what: String
    /// A plain sentence.
    package var why: String

    package enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        /// Not in the result at all.
        case notKept = "not_kept"
        /// In the result in another form, or by a choice that another reader might make differently.
        case readAs = "read_as"
    }

    package init(_ outcome: Outcome, _ place: String, _ what: String, _ why: String) {
        self.outcome = outcome
        self.place = place
        self.what = what
        self.why = why
    }
}

/// The names of a CTDL file for the parts of the document that was read from it.
package struct CTDLNames: Hashable, Sendable {
    /// `@id` of the pathway.
    package var pathway: String?
    package var pathwayCTID: String?
    /// By component id.
    package var components: [String: Component] = [:]
    /// By component id: the CTDL constraint that the component stands for, as it is to be written.
    package var constraints: [String: JSONValue] = [:]
    /// `@id` of the progression model by the id of the progression.
    package var progressions: [String: String] = [:]

    package init() {}

    package struct Component: Hashable, Sendable {
        package var id: String
        package var ctid: String?
        /// The class, without `ceterms:`.
        package var type: String

        package init(id: String, ctid: String? = nil, type: String) {
            self.id = id
            self.ctid = ctid
            self.type = type
        }
    }
}

/// Notes, bounded.
struct CTDLNotes {
    private(set) var list: [CTDLNote] = []
    private var seen: Set<CTDLNote> = []
    private var dropped = 0

    mutating func add(_ outcome: CTDLNote.Outcome, _ place: String, _ what: String, _ why: String) {
        // What has no name of its own is told by where it stands.
        let note = CTDLNote(outcome, place.hasPrefix("_:at/") ? String(place.dropFirst(4)) : place, what, why)
        guard list.count < CTDLReading.notesMax else { return dropped += 1 }
        if seen.insert(note).inserted { list.append(note) }
    }

    var all: [CTDLNote] {
        guard dropped > 0 else { return list }
        return list + [CTDLNote(.notKept, "", "more", "There are \(dropped) more notes of this kind.")]
    }
}
