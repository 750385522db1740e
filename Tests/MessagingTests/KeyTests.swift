import Glibc
import Testing
@testable import Messaging

struct KeyTests {
    private func temporary(_ text: String? = nil, mode: mode_t = 0o600) -> String {
        let path = "/tmp/cairn-key-test-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        if let text {
            let file = open(path, O_CREAT | O_WRONLY, 0o600)
            _ = text.withCString { write(file, $0, strlen($0)) }
            fchmod(file, mode)
            close(file)
        }
        return path
    }

    @Test func `a key file reads back, is private, and is not overwritten`() throws {
        let path = temporary()
        defer { unlink(path) }
        let pair = CurveKeyPair.generate()
        try pair.write(to: path)
        var status = stat()
        stat(path, &status)
        let read = try CurveKeyPair(contentsOfFile: path)
        #expect(read.publicKey == pair.publicKey && read.secretKey.bytes == pair.secretKey.bytes
            && status.st_mode & 0o777 == 0o600)
        #expect(throws: SetupError.self) { try CurveKeyPair.generate().write(to: path) }
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660] as [mode_t])
    func `a key file that others can read is refused by name`(_ mode: mode_t) {
        let pair = CurveKeyPair.generate()
        let path = temporary("public \(pair.publicKey)\nsecret \(Z85.encode(pair.secretKey.bytes))\n", mode: mode)
        defer { unlink(path) }
        #expect(throws: SetupError.keyFile("\(path): readable by group or others; chmod 600 it")) {
            try CurveKeyPair(contentsOfFile: path)
        }
    }

    @Test func `a malformed key file is refused`() {
        let (one, two) = (CurveKeyPair.generate(), CurveKeyPair.generate())
        let secret = Z85.encode(one.secretKey.bytes)
        let files = [
            "", "public \(one.publicKey)\n", "secret \(secret)\n", "public \(one.publicKey)\nsecret \(secret) more\n",
            "public \(two.publicKey)\nsecret \(secret)\n", "public \(one.publicKey)\npublic \(one.publicKey)\nsecret \(secret)\n",
            "public short\nsecret \(secret)\n", "public \(one.publicKey)\nsecret \(secret.dropLast())\u{7F}\n",
            String(repeating: "#", count: 5000),
        ]
        for text in files {
            let path = temporary(text)
            defer { unlink(path) }
            #expect(throws: SetupError.self, "\(text)") { try CurveKeyPair(contentsOfFile: path) }
        }
        #expect(throws: SetupError.self) { try CurveKeyPair(contentsOfFile: "/tmp/no-such-key") }
        #expect(throws: SetupError.self) { try CurveKeyPair(contentsOfFile: "/tmp") }
    }

    @Test func `nothing printable shows the secret`() {
        let pair = CurveKeyPair.generate()
        var dumped = ""
        dump(pair, to: &dumped)
        let shown = "\(pair) \(pair.secretKey) \(String(reflecting: pair)) \(dumped)"
        let bytes = pair.secretKey.bytes.prefix(4).map(String.init).joined(separator: ", ")
        #expect(!shown.contains(Z85.encode(pair.secretKey.bytes)) && !shown.contains(bytes))
    }

    @Test func `an allow-list reads keys, roles and names`() throws {
        let (one, two) = (CurveKeyPair.generate().publicKey, CurveKeyPair.generate().publicKey)
        let path = temporary("# who may call\n\n\(one) gateway gateway-1\n  \(two)\trecords  records.2 \n")
        defer { unlink(path) }
        #expect(try AllowList(contentsOfFile: path).peers == [
            one: Peer(name: "gateway-1", role: "gateway"), two: Peer(name: "records.2", role: "records"),
        ])
    }

    @Test func `an allow-list with one wrong line is not used at all`() {
        let key = CurveKeyPair.generate().publicKey
        for line in ["\(key) gateway", "\(key) gateway a b", "short gateway a", "\(key) gate/way a", "\(key) gateway ä",
                     "\(key) gateway \(String(repeating: "a", count: 65))", "\(key) a b\n\(key) a c"] {
            let path = temporary("\(CurveKeyPair.generate().publicKey) fine fine\n\(line)\n")
            defer { unlink(path) }
            #expect(throws: SetupError.self, "\(line)") { try AllowList(contentsOfFile: path) }
        }
    }
}
