extension BundledContexts {
    /// The terms of the examples and test vectors of VCDM 2.0.
    static let credentialsExamplesV2 = BundledContext("https://www.w3.org/ns/credentials/examples/v2", #"""
        @vocab https://www.w3.org/ns/credentials/examples#
        """#)
}
