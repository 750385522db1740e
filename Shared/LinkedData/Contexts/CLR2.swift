extension BundledContexts {
    /// The terms of Comprehensive Learner Record 2.0, the address without a version.
    static let clr2 = BundledContext("https://purl.imsglobal.org/spec/clr/v2p0/context.json", #"""
        abbreviate clr https://purl.imsglobal.org/spec/vc/clr/vocab.html#
        abbreviate cred https://www.w3.org/2018/credentials#
        id @id
        type @type
        ClrCredential clr|ClrCredential {
            id @id
            type @type
        }
        ClrSubject clr|ClrSubject {
            id @id
            type @type
            cred cred|
            obi https://purl.imsglobal.org/spec/ob/v3p0/vocab.html#
            achievement clr|achievement type=https://purl.imsglobal.org/spec/ob/v3p0/vocab.html#Achievement container=@set
            association clr|association type=clr|Association container=@set
            verifiableCredential clr|verifiableCredential type=cred|verifiableCredential container=@set
        }
        Association clr|Association {
            associationType clr|AssociationType
            sourceId clr|sourceId type=xsd:anyURI
            targetId clr|targetId type=xsd:anyURI
        }
        """#)
}
