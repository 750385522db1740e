import Domain

/// What a look-up elsewhere gave.
package enum Resolution<Found: Sendable>: Sendable {
    case found(Found)
    /// It was asked for and there is none, or this resolver does not look there. For a person.
    case unknown(String)
    /// It could not be asked now: a host that is down is not a forgery.
    case unavailable(String)
}

/// Where controller documents come from. This module has no network: whoever passes a resolver that has one answers for
/// its limits (https only, public addresses only, no redirects, 15 s, 64 KiB).
package protocol KeyResolver: Sendable {
    /// The document of a DID, or of an issuer's https address; `id` has no fragment.
    func controllerDocument(of id: String) async -> Resolution<ControllerDocument>
}

/// Documents given beforehand. Knows no others, asks nobody.
package struct LocalKeys: KeyResolver {
    private var documents: [String: ControllerDocument] = [:]

    package init(_ documents: [ControllerDocument] = []) {
        for document in documents { self.documents[document.id] = document }
    }

    package func controllerDocument(of id: String) async -> Resolution<ControllerDocument> {
        documents[id].map(Resolution.found) ?? .unknown("no document of \(id) was given")
    }
}

/// A key and how far it can be believed.
struct FoundKey: Sendable {
    var method: VerificationMethod
    var standing: Standing

    enum Standing: Sendable {
        /// The controller's own document lists it for signing credentials, or the DID is the key.
        case listed
        /// Only the verification method says so, by carrying the key in its fragment: the signature can be checked,
        /// who made it cannot.
        case claimed
    }
}

enum KeyFinding: Sendable {
    case found(FoundKey)
    case refused(CredentialError)
    case unresolved(String)
}

extension KeyResolver {
    /// The key a `verificationMethod` or `kid` names. The name is a DID URL, an https or http
    /// address or a urn (as issuers named by urn have it), never a path.
    func key(named name: String) async -> KeyFinding {
        guard name.utf8.count <= CredentialLimits.keyTextMax, let colon = name.firstIndex(of: ":") else {
            return .refused(CredentialError("key.name", "A verification method must be an absolute address: a DID URL, or https."))
        }
        let parts = name.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let base = String(parts[0]), fragment = parts.count == 2 ? String(parts[1]) : nil
        switch name[..<colon] {
        case "did":
            guard let did = DID(base) else {
                return .refused(CredentialError("key.name", "\(base) is no DID."))
            }
            switch did.method {
            case "key": return Self.selfCertified(did, fragment: fragment, name: name)
            case "web":
                do { _ = try did.webAddress() } catch { return .refused(error) }
                return await listed(name, base: base, fragment: fragment)
            default:
                if case .found(let document) = await controllerDocument(of: base) { return Self.pick(name, from: document) }
                return .refused(CredentialError("key.did_method", "did:\(did.method) is not a method we resolve; did:key and did:web are."))
            }
        case "https", "http", "urn":
            return await listed(name, base: base, fragment: fragment)
        default:
            return .refused(CredentialError("key.name", "A verification method must be a DID URL, an https address or a urn, not \(name[..<colon]):."))
        }
    }

    private static func selfCertified(_ did: DID, fragment: String?, name: String) -> KeyFinding {
        do {
            let key = try did.key()
            guard fragment.map({ $0.isExactly(did.identifier) }) ?? true else {
                return .refused(CredentialError("key.name", "The fragment of a did:key must repeat its key."))
            }
            return .found(FoundKey(
                method: VerificationMethod(id: name, controller: did.description, key: key), standing: .listed))
        } catch { return .refused(error) }
    }

    private func listed(_ name: String, base: String, fragment: String?) async -> KeyFinding {
        let why: String
        switch await controllerDocument(of: base) {
        case .found(let document): return Self.pick(name, from: document)
        case .unknown(let reason), .unavailable(let reason): why = reason
        }
        guard let fragment, fragment.hasPrefix("z") else { return .unresolved(why) }
        do {
            let key = try PublicKey(multikey: fragment)
            return .found(FoundKey(method: VerificationMethod(id: name, controller: base, key: key), standing: .claimed))
        } catch {
            // A fragment is a name: every 64th thumbprint begins with a z and is no damaged key.
            guard PublicKey.multikeyBeginnings.contains(where: fragment.hasPrefix) else { return .unresolved(why) }
            return .refused(CredentialError("key.fragment", "The fragment of the verification method is no key: \(error.message)"))
        }
    }

    private static func pick(_ name: String, from document: ControllerDocument) -> KeyFinding {
        guard let method = document.method(name) else {
            return .refused(CredentialError("key.not_listed", "The document of \(document.id) has no usable verification method \(name)."))
        }
        guard document.asserting.contains(name) else {
            return .refused(CredentialError("key.purpose", "The document of \(document.id) does not list \(name) under assertionMethod."))
        }
        return .found(FoundKey(method: method, standing: .listed))
    }
}
