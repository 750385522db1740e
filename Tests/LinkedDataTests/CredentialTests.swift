import Domain
import LinkedData
import Support
import Testing

/// Real credentials and the published vectors, in safe mode with the bundled contexts.
@Suite struct CredentialTests {
    static let vectors = "standards/w3c-vc/vc-di-eddsa/eddsa-rdfc-2022"
    private static let processor = JSONLDProcessor(contexts: BundledContexts())

    @Test(.needsShared(vectors), arguments: [
        ("../unsigned.json", "canonDocDataInt.txt"), ("proofConfigDataInt.json", "proofCanonDataInt.txt"),
    ])
    func `eddsa-rdfc-2022`(_ input: String, _ output: String) throws {
        let document = try JSONValue.parse(try SharedFiles.bytes("\(Self.vectors)/\(input)"))
        #expect(try Self.processor.canonicalNQuads(document) == SharedFiles.bytes("\(Self.vectors)/\(output)"))
    }

    /// Samples that safe mode refuses, and why.
    static func refusal(_ path: String) -> String? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if path.contains("educredentials-nl") {
            return "jsonld.loading_remote_context_failed /@context/2 https://raw.githubusercontent.com/"
                + "educredentials/obv3-examples/refs/heads/main/contexts/educredential.json"
        }
        return refused[name]
    }

    private static let refused = [
        "simple-err-credential-subject-achievement-result-description-type.json":
            "jsonld.undefined_type /credentialSubject/achievement/resultDescription/2/type InvalidResultDescription",
        "simple-err-credential-subject-profile-type.json":
            "jsonld.undefined_type /credentialSubject/source/type InvalidProfile",
        "simple-err-credential-subject-result-type.json":
            "jsonld.undefined_type /credentialSubject/result/1/type/0 InvalidResult",
        "simple-err-evidence-type.json": "jsonld.undefined_type /evidence/1/type InvalidEvidence",
        "simple-err-issuer-otheridentifier-type.json":
            "jsonld.undefined_type /issuer/otherIdentifier/1/type InvalidIdentifierEntry",
        "simple-err-issuer-type.json": "jsonld.undefined_type /issuer/type/0 InvalidProfile",
        "simple-err-proof-method-no-scheme.json": "jsonld.relative_id /proof/0/verificationMethod "
            + "z6MkrvfzkMnvCroEUP2DVc9SHPE48CRsvHiVSusHioxTYu1x",
        "simple-err-type.json": "jsonld.undefined_type /type/1 OtherCredential",
        "simple-multiple-proofs.json": "jsonld.undefined_type /proof/0/type SomeProofType",
        "invalid_empty-type.json": "jsonld.undefined_term /issuer issuer",
        "simple_old_safesigned.json":
            "jsonld.loading_remote_context_failed /@context/1 https://dc.imsglobal.org/draft/clr/v2p0/context",
    ]

    static let samples = ["standards/openbadges-3.0/samples", "standards/clr-2.0/samples", "standards/w3c-vc/samples"]
        .flatMap(SharedFiles.jsonFiles(below:))
        .filter { path in
            guard let bytes = try? SharedFiles.bytes(path), let value = try? JSONValue.parse(bytes, limits: .file)
            else { return false }
            return value["@context"] != nil
        }

    @Test(.needsShared("standards/openbadges-3.0/samples"), arguments: samples)
    func sample(_ path: String) throws {
        let document = try JSONValue.parse(try SharedFiles.bytes(path), limits: .file)
        var found: String?
        do { _ = try Self.processor.canonicalNQuads(document) } catch { found = "\(error.rule) \(error.pointer) \(error.term ?? "-")" }
        #expect(found == Self.refusal(path))
    }
}
