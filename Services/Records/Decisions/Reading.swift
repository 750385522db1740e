import Domain

extension IdentifierClaim {
    /// All three parts in NFC, so that equal identifiers are equal bytes.
    func read(at pointer: String) throws(Fault) -> IdentifierClaim {
        IdentifierClaim(
            system: try readText(system, at: "\(pointer)/system", limit: 200),
            kind: try readText(kind, at: "\(pointer)/kind", limit: 100),
            value: try readText(value, at: "\(pointer)/value", limit: 200))
    }
}
