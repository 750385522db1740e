import Foundation

extension CasePackageReader {
    typealias PlacedAssociation = (association: CaseAssociation, pointer: String)

    func distinctAssociations(
        _ list: [CaseMembers], document: CaseDocument?, items: [UUID: CaseItem]
    ) -> [PlacedAssociation] {
        var distinct: [PlacedAssociation] = []
        var known: [UUID: CaseAssociation] = [:]
        for members in list {
            guard let association = readAssociation(members, document: document, items: items) else { continue }
            if let same = known[association.identifier] {
                if same == association {
                    log.repair(members.pointer, "case.duplicate_association", "the same association again was left out")
                } else {
                    members.refuse("identifier", "case.duplicate_association", "belongs to another association too")
                }
                continue
            }
            known[association.identifier] = association
            distinct.append((association, members.pointer))
        }
        return distinct
    }

    private func readAssociation(
        _ members: CaseMembers, document: CaseDocument?, items: [UUID: CaseItem]
    ) -> CaseAssociation? {
        var members = members
        let identifier = members.requiredIdentifier(), uri = members.required("uri")
        let lastChange = members.requiredTime("lastChangeDateTime")
        let (type, isReversed) = readType(&members)
        var origin = end("originNodeURI", in: &members, document: document)
        var destination = end("destinationNodeURI", in: &members, document: document)
        if isReversed { swap(&origin, &destination) }
        let isInside = [origin, destination].allSatisfy { end in
            end?.uuid.map { $0 == document?.identifier || items[$0] != nil } ?? false
        }
        let sequenceNumber = members.integer("sequenceNumber")
        let grouping = members.link("CFAssociationGroupingURI")
        let notes = members.text("notes")
        let documentURI = members.link("CFDocumentURI")
        guard let identifier, let uri, let lastChange, let type, let origin, let destination else { return nil }
        if type == .isChildOf, origin.uuid == document?.identifier {
            log.repair(members.pointer, "case.document_as_child", "says that the document is a child; the tree leaves it out")
        }
        var association = CaseAssociation(
            identifier: identifier, uri: uri, type: type, origin: origin, destination: destination,
            lastChange: lastChange, sequenceNumber: sequenceNumber, isExternal: !isInside)
        association.grouping = grouping
        association.notes = notes
        association.documentURI = documentURI
        association.extra = members.repairedExtra()
        return association
    }

    /// `isParentOf`, which CASE does not have, is `isChildOf` seen from the other end.
    private func readType(_ members: inout CaseMembers) -> (type: CaseAssociationType?, isReversed: Bool) {
        guard let text = members.required("associationType") else { return (nil, false) }
        if text.lowercased().filter(\.isLetter) == "isparentof" {
            members.repair("associationType", "case.association_type", "\(text) was read as isChildOf with its ends exchanged")
            return (.isChildOf, true)
        }
        guard let type = CaseVocabulary.associationType(text) else {
            members.refuse("associationType", "case.association_type",
                           "must be a CASE association type or ext: and a name")
            return (nil, false)
        }
        if type.rawValue != text {
            members.repair("associationType", "case.association_type", "\(text) was read as \(type)")
        }
        return (type, false)
    }

    /// One end. Some exports address the document as if it were an item.
    private func end(_ name: String, in members: inout CaseMembers, document: CaseDocument?) -> CaseLink? {
        guard let link = members.requiredLink(name) else { return nil }
        guard let document, link.uuid == document.identifier, link.uri != document.uri,
              link.uri.contains("/CFItems/") else { return link }
        log.repair(members.pointer(name) + "/uri", "case.destination_uri",
                   "names the document as an item; the document's own URI was taken")
        return CaseLink(title: link.title, identifier: link.identifier, uri: document.uri,
                        targetType: link.targetType, extra: link.extra)
    }

    // MARK: Cycles

    /// Refuses each `isChildOf` that closes a circle. Depth first with a stack of its own: a chain may be as long as
    /// the file.
    func refuseCycles(document: CaseDocument, associations: [PlacedAssociation]) {
        var parents: [UUID: [(parent: UUID, pointer: String)]] = [:]
        var starts: [UUID] = []
        for (association, pointer) in associations where association.type == .isChildOf {
            guard let child = association.origin.uuid, let parent = association.destination.uuid else { continue }
            if parents[child] == nil { starts.append(child) }
            parents[child, default: []].append((parent, pointer))
        }
        var isDone: [UUID: Bool] = [:]
        for start in starts where isDone[start] == nil {
            var path: [(node: UUID, next: Int)] = [(start, 0)]
            isDone[start] = false
            while let (node, next) = path.last {
                let edges = parents[node] ?? []
                guard next < edges.count else {
                    isDone[node] = true
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let (parent, pointer) = edges[next]
                switch isDone[parent] {
                case nil:
                    isDone[parent] = false
                    path.append((parent, 0))
                case false?: log.refuse(pointer, "case.cycle", "makes an item its own ancestor")
                case true?: break
                }
            }
        }
    }
}
