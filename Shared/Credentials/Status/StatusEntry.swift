import Domain

/// What a status list says about its credentials.
package enum StatusPurpose: String, Sendable, CaseIterable {
    /// For good.
    case revocation
    /// Until it is lifted.
    case suspension
}

/// The place of one credential in a list: `credentialStatus`.
package struct StatusEntry: Sendable, Hashable {
    package var purpose: StatusPurpose
    package var index: Int
    /// Where the list credential lies.
    package var list: String

    package init(_ purpose: StatusPurpose, index: Int, list: String) {
        self.purpose = purpose
        self.index = index
        self.list = list
    }

    /// The schema of Open Badges wants an `id`; it must not be the list's address.
    package var json: JSONValue {
        [
            "id": .string("\(list)#\(index)"), "type": "BitstringStatusListEntry",
            "statusPurpose": .string(purpose.rawValue), "statusListIndex": .string(String(index)),
            "statusListCredential": .string(list),
        ]
    }
}
