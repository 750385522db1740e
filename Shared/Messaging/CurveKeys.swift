import CZeroMQ

/// 32 bytes of a Curve25519 public key. Its text form is Z85 (ZeroMQ RFC 32), 40 printable characters.
package struct CurveKey: Hashable, Sendable, CustomStringConvertible {
    // Four words hash and compare without a heap object; order is the byte order of the key.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// `nil` unless there are exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        let all = Array(bytes)
        self.words = all.withUnsafeBytes { raw in
            func word(_ index: Int) -> UInt64 { raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
            return (word(0), word(1), word(2), word(3))
        }
    }

    /// `nil` unless `z85` is 40 characters that decode to 32 bytes.
    package init?(z85: some StringProtocol) {
        guard let bytes = Z85.decode(z85) else { return nil }
        self.init(bytes: bytes)
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    package var z85: String { Z85.encode(bytes) }

    package var description: String { z85 }

    package static func == (left: CurveKey, right: CurveKey) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

/// The secret half: neither `description` nor a mirror (`dump`, a debugger's summary, a crash log) shows it.
package struct CurveSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A service's long-term identity on the mesh.
package struct CurveKeyPair: Sendable, CustomStringConvertible {
    package let publicKey: CurveKey
    package let secretKey: CurveSecret

    package var description: String { "CurveKeyPair(public: \(publicKey))" }

    /// A fresh pair from the system's randomness.
    package static func generate() -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = [CChar](repeating: 0, count: 41)
        let status = zmq_curve_keypair(&publicText, &secretText)
        // Fails only if libzmq was built without CURVE: no input decides that, and nothing here can run without it.
        precondition(status == 0, "libzmq has no CURVE")
        let key = Z85.decode(Z85.text(publicText)).flatMap { CurveKey(bytes: $0) }
        let secret = Z85.decode(Z85.text(secretText))
        guard let key, let secret else { preconditionFailure("libzmq gave a key that is not Z85") }
        return CurveKeyPair(publicKey: key, secretKey: CurveSecret(bytes: secret))
    }

    private init(publicKey: CurveKey, secretKey: CurveSecret) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// Reads a key file: the lines `public <z85>` and `secret <z85>`, in any order; `#` begins a comment line.
    /// - Throws: `.keyFile` if the file is missing, readable by group or others, malformed, or its halves do not
    ///   belong together.
    package init(contentsOfFile path: String) throws(SetupError) {
        let contents: SmallFile.Contents
        switch SmallFile.read(path, limitBytes: 4096) {
        case .success(let read): contents = read
        case .failure(let reason): throw .keyFile(reason.text)
        }
        guard contents.mode & 0o077 == 0 else {
            throw .keyFile("\(path): readable by group or others; chmod 600 it")
        }
        var found: [Substring: [UInt8]] = [:]
        for line in contents.text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count == 2, words[0] == "public" || words[0] == "secret", found[words[0]] == nil,
                  let bytes = Z85.decode(words[1]), bytes.count == 32
            else { throw .keyFile("\(path): expected one line `public <z85>` and one line `secret <z85>`") }
            found[words[0]] = bytes
        }
        guard let key = found["public"].flatMap({ CurveKey(bytes: $0) }), let secret = found["secret"] else {
            throw .keyFile("\(path): expected one line `public <z85>` and one line `secret <z85>`")
        }
        guard Z85.publicKey(ofSecret: secret) == key.bytes else {
            throw .keyFile("\(path): the public key does not belong to the secret key")
        }
        self.init(publicKey: key, secretKey: CurveSecret(bytes: secret))
    }

    /// Creates the key file with mode 0600.
    /// - Throws: `.keyFile`, also if the file exists: a key is never overwritten.
    package func write(to path: String) throws(SetupError) {
        let text = "public \(publicKey.z85)\nsecret \(Z85.encode(secretKey.bytes))\n"
        if case .failure(let reason) = SmallFile.createPrivate(path, text) { throw .keyFile(reason.text) }
    }
}

/// ZeroMQ's own Z85 and key derivation, behind length checks.
enum Z85 {
    static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: bytes.count / 4 * 5 + 1)
        return zmq_z85_encode(&text, bytes, bytes.count) == nil ? "" : Self.text(text)
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count == 40, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        return String(text).withCString { zmq_z85_decode(&bytes, $0) } == nil ? nil : bytes
    }

    static func publicKey(ofSecret secret: [UInt8]) -> [UInt8]? {
        var text = [CChar](repeating: 0, count: 41)
        guard encode(secret).withCString({ zmq_curve_public(&text, $0) }) == 0 else { return nil }
        return decode(Self.text(text))
    }
}
