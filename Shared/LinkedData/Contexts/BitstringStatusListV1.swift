extension BundledContexts {
    /// The terms of Bitstring Status List 1.0.
    static let bitstringStatusListV1 = BundledContext("https://www.w3.org/ns/credentials/status/v1", #"""
        abbreviate sec https://w3id.org/security#
        abbreviate xsds https://www.w3.org/2001/XMLSchema#
        abbreviate status https://www.w3.org/ns/credentials/status#
        @protected
        id @id
        type @type
        BitstringStatusListCredential status|BitstringStatusListCredential
        BitstringStatusList status|BitstringStatusList {
            @protected
            id @id
            type @type
            encodedList status|encodedList type=sec|multibase
            statusPurpose status|statusPurpose
            ttl status|ttl
        }
        BitstringStatusListEntry status|BitstringStatusListEntry {
            @protected
            id @id
            type @type
            statusListCredential status|statusListCredential type=@id
            statusListIndex status|statusListIndex
            statusPurpose status|statusPurpose
            statusMessage status|statusMessage {
                @protected
                id @id
                type @type
                message status|message
                status status|status
            }
            statusReference status|statusReference type=@id
            statusSize status|statusSize type=xsds|integer
        }
        """#)
}
