extension BundledContexts {
    /// The terms of Status List 2021.
    static let statusList2021 = BundledContext("https://w3id.org/vc/status-list/2021/v1", #"""
        abbreviate sl https://w3id.org/vc/status-list#
        @protected
        StatusList2021Credential sl|StatusList2021Credential {
            @protected
            id @id
            type @type
            description http://schema.org/description
            name http://schema.org/name
        }
        StatusList2021 sl|StatusList2021 {
            @protected
            id @id
            type @type
            statusPurpose sl|statusPurpose
            encodedList sl|encodedList
        }
        StatusList2021Entry sl|StatusList2021Entry {
            @protected
            id @id
            type @type
            statusPurpose sl|statusPurpose
            statusListIndex sl|statusListIndex
            statusListCredential sl|statusListCredential type=@id
        }
        """#)
}
