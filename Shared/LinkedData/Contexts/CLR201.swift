extension BundledContexts {
    /// The terms of Comprehensive Learner Record 2.0.1.
    static let clr201 = BundledContext("https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", #"""
        abbreviate ob https://purl.imsglobal.org/spec/vc/ob/vocab.html#
        abbreviate clr https://purl.imsglobal.org/spec/vc/clr/vocab.html#
        abbreviate cred https://www.w3.org/2018/credentials#
        id @id
        type @type
        ClrCredential clr|ClrCredential {
            id @id
            type @type
            partial clr|partial type=xsd:boolean
        }
        ClrSubject clr|ClrSubject {
            id @id
            type @type
            cred cred|
            obi ob|
            achievement clr|achievement type=ob|Achievement container=@set
            association clr|association type=clr|Association container=@set
            verifiableCredential clr|verifiableCredential type=cred|verifiableCredential container=@set
            identifier clr|identifier-1 type=ob|Identifier container=@set
        }
        Association clr|Association {
            associationType clr|AssociationType
            sourceId clr|sourceId type=xsd:anyURI
            targetId clr|targetId type=xsd:anyURI
        }
        """#)
}
