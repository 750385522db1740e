import Foundation
import ServiceKit
import Support
import Testing

private let database = ConfigurationKey.text(
    "records.database.url", purpose: "where records keeps its data", example: "postgresql:///cairn")
private let workers = ConfigurationKey.integer(
    "records.workers", default: 4, in: 1...64, unit: "tasks", purpose: "how many commands run at once")
private let timeout = ConfigurationKey.duration(
    "records.timeout", default: .seconds(5), in: .milliseconds(10) ... .seconds(60), purpose: "how long one may take")
private let strict = ConfigurationKey.flag("records.strict", default: false, purpose: "whether warnings stop it")
private let peers = ConfigurationKey.list(
    "records.peers", default: [], limit: 3, purpose: "who else is there", example: "a:1,b:2")
private let listen = ConfigurationKey.address("records.listen", default: "127.0.0.1:9101", purpose: "where it listens")
private let mode = ConfigurationKey.choice("records.mode", default: "fast", of: ["fast", "safe"], purpose: "its mode")
private let signingKey = ConfigurationKey.secretFile(
    "records.signing.key", purpose: "the key that signs credentials", example: "/run/secrets/signing")

private func settings(
    _ environment: [String: String] = [:], file: String? = nil, overrides: [String: String] = [:]
) throws -> Settings {
    try Settings(environment: environment, file: file, overrides: overrides)
}

/// A file of its own for one test.
private func temporaryFile(_ text: String, mode: Int = 0o600) throws -> String {
    let path = Scratch.path("settings")
    let made = FileManager.default.createFile(
        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
    try #require(made)
    return path
}

@Suite struct SettingsTests {
    @Test func `flags win over the environment, which wins over the file`() throws {
        let file = try temporaryFile("""
            # all three
            CAIRN_RECORDS_WORKERS=1
            CAIRN_RECORDS_TIMEOUT = '250ms'
            CAIRN_RECORDS_MODE="safe"
            POSTGRES_USER=somebody
            """)
        let settings = try settings(
            ["CAIRN_CONFIG_FILE": file, "CAIRN_RECORDS_WORKERS": "2", "CAIRN_RECORDS_TIMEOUT": "1s"],
            overrides: ["records.workers": "3"])
        let mode = try settings.string(mode), timeout = try settings.duration(timeout)
        #expect([mode, "\(timeout)", "\(try settings.int(workers))"] == ["safe", "\(Duration.seconds(1))", "3"])
        #expect(settings.usedKeys == ["records.mode", "records.timeout", "records.workers"])
    }

    @Test func `an empty variable counts as not set`() throws {
        let settings = try settings(["CAIRN_RECORDS_WORKERS": "", "CAIRN_RECORDS_DATABASE_URL": ""])
        #expect(try settings.int(workers) == 4)
        #expect(throws: ConfigurationError.missing(database)) { try settings.string(database) }
    }

    @Test func `an absent setting is named with its purpose and an example`() throws {
        let error = #expect(throws: ConfigurationError.self) { try settings().string(database) }
        #expect(error?.description == """
            CAIRN_RECORDS_DATABASE_URL is not set. It is where records keeps its data. \
            Example: CAIRN_RECORDS_DATABASE_URL=postgresql:///cairn
            """)
    }

    @Test(arguments: [
        ("CAIRN_RECORDS_WORKERS", "many", "is \"many\", not a whole number"),
        ("CAIRN_RECORDS_WORKERS", "65", "is 65, not in 1 … 64"),
        ("CAIRN_RECORDS_TIMEOUT", "5", "is \"5\", not a whole number with a unit of us, ms, s, m, h or d"),
        ("CAIRN_RECORDS_TIMEOUT", "9999999999999999999d", "is \"9999…\" (20 bytes), not a whole number with"),
        ("CAIRN_RECORDS_TIMEOUT", "2m", "is \"2m\", not in 10ms … 1m"),
        ("CAIRN_RECORDS_STRICT", "maybe", "is \"maybe\", not true or false"),
        ("CAIRN_RECORDS_PEERS", "a,b,c,d", "has 4 elements, more than 3"),
        ("CAIRN_RECORDS_LISTEN", "localhost", "is \"localhost\", not host:port"),
        ("CAIRN_RECORDS_LISTEN", "::1:70000", "is \"::1:70000\", not host:port"),
        ("CAIRN_RECORDS_MODE", "slow", "is \"slow\", not one of fast, safe"),
        ("CAIRN_RECORDS_WORKERS", "postgresql://u:secret@h", "is \"post…\" (23 bytes), not"),
        ("CAIRN_RECORDS_WORKERS", "0123456789abcdefghijklmnop", "is \"0123…\" (26 bytes), not"),
    ])
    func `a wrong value is named with what would be right`(variable: String, value: String, problem: String) throws {
        let settings = try settings([variable: value])
        let error = #expect(throws: ConfigurationError.self) {
            _ = try settings.int(workers)
            _ = try settings.duration(timeout)
            _ = try settings.bool(strict)
            _ = try settings.list(peers)
            _ = try settings.address(listen)
            _ = try settings.string(mode)
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("\(variable) \(problem)") && text.contains("Example: \(variable)="), "\(text)")
    }

    @Test func `every default is a valid value`() throws {
        let settings = try settings()
        _ = try (settings.int(workers), settings.duration(timeout), settings.bool(strict), settings.string(mode))
        #expect(try settings.list(peers) == [])
        #expect(try settings.address(listen) == ListenAddress(host: "127.0.0.1", port: 9101))
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:9101", "::1", 9101), ("records:0", "records", 0),
    ])
    func `an address is a host and a port`(text: String, host: String, port: Int) {
        let address = ListenAddress(text)
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address?.description == text)
    }

    @Test(arguments: ["", ":", ":80", "a", "a:", "a:x", "a:-1", "a:65536", "::1", "[]:1", "a b:1", "http://a:1"])
    func `what is no address is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("CAIRN_A_B", "line 1 is not NAME=value"), ("\nCAIRN_A=1\nCAIRN_A=2", "line 3 sets CAIRN_A a second time"),
    ])
    func `a broken file is named with its line`(text: String, problem: String) throws {
        let file = try temporaryFile(text)
        let error = #expect(throws: ConfigurationError.self) { try settings(file: file) }
        let said = error?.description ?? ""
        #expect(said.hasPrefix("CAIRN_CONFIG_FILE names \(file)") && said.contains(problem), "\(said)")
    }

    @Test(arguments: ["/nonexistent/cairn.conf", "/"])
    func `a file that is not there stops the start`(path: String) {
        let error = #expect(throws: ConfigurationError.self) { try settings(["CAIRN_CONFIG_FILE": path]) }
        #expect(error?.description.hasPrefix("CAIRN_CONFIG_FILE names \(path)") == true)
    }

    @Test(arguments: ["Records.x", "records..x", "", "records.x-y", "1a"])
    func `a flag that is no key is refused`(name: String) {
        let error = #expect(throws: ConfigurationError.self) { try settings(overrides: [name: "1"]) }
        #expect(error?.description.hasPrefix("--set \(name)=… is not key=value") == true)
    }

    @Test func `a secret is read from its file without the last line end`() throws {
        let file = try temporaryFile("s3cret\n\r\n")
        let settings = try settings(["CAIRN_RECORDS_SIGNING_KEY": file])
        #expect(try settings.secretFile(signingKey) == Array("s3cret\n".utf8))
    }

    @Test(arguments: [
        (0o640, "s", "which others than its owner can read: chmod 600"),
        (0o604, "s", "which others than its owner can read: chmod 600"),
        (0o600, "\n", "which is empty"),
        (0o600, String(repeating: "x", count: Settings.secretLimitBytes + 1), "which is larger than 16384 bytes"),
    ])
    func `a secret that others can read, an empty one or a large one is refused`(
        mode: Int, text: String, problem: String
    ) throws {
        let file = try temporaryFile(text, mode: mode)
        let error = #expect(throws: ConfigurationError.self) {
            try settings(["CAIRN_RECORDS_SIGNING_KEY": file]).secretFile(signingKey)
        }
        let said = error?.description ?? ""
        #expect(said.hasPrefix("CAIRN_RECORDS_SIGNING_KEY names \(file), \(problem)"), "\(said)")
    }

    @Test func `a secret has no default`() throws {
        #expect(throws: ConfigurationError.missing(signingKey)) { try settings().secretFile(signingKey) }
    }

    @Test func `settings that nobody reads are reported, with what may be meant`() throws {
        let settings = try settings(
            [
                "CAIRN_RECORDS_DATABSE_URL": "x", "CAIRN_RECORDS_WORKERS": "2", "CAIRN_PATHWAYS_ANYTHING": "1",
                "CAIRN_LOG_LEVL": "info", "PATH": "/bin", "CAIRN_ENTIRELY_DIFFERENT": "1", "CAIRN_DIRECTORY": "/x",
                "CAIRN_RECORDS_ADDRESSES": "x:1",
            ],
            overrides: ["records.strct": "true"])
        let keys = ConfigurationKey.common + [database, workers, strict]
        #expect(settings.warnings(service: "records", keys: keys) == [
            "CAIRN_ENTIRELY_DIFFERENT, set by the environment, is not a setting of records",
            "CAIRN_LOG_LEVL, set by the environment, is not a setting of records; did you mean CAIRN_LOG_LEVEL?",
            "CAIRN_RECORDS_DATABSE_URL, set by the environment, is not a setting of records; "
                + "did you mean CAIRN_RECORDS_DATABASE_URL?",
            "CAIRN_RECORDS_STRCT, set by --set, is not a setting of records; did you mean CAIRN_RECORDS_STRICT?",
        ])
    }

    @Test func `the table of keys says what each accepts`() {
        #expect(Settings.describe(keys: [workers, database, timeout, signingKey, mode]) == """
            | variable | form | default | it is | example |
            |---|---|---|---|---|
            | `CAIRN_RECORDS_DATABASE_URL` | text | **required** | where records keeps its data | `postgresql:///cairn` |
            | `CAIRN_RECORDS_MODE` | `fast`, `safe` | `fast` | its mode | `safe` |
            | `CAIRN_RECORDS_SIGNING_KEY` | path of a secret's file, mode 0600 | **required** | the key that signs credentials | `/run/secrets/signing` |
            | `CAIRN_RECORDS_TIMEOUT` | duration, 10ms … 1m | `5s` | how long one may take | `5s` |
            | `CAIRN_RECORDS_WORKERS` | integer, 1 … 64 tasks | `4` | how many commands run at once | `4` |

            """)
    }
}
