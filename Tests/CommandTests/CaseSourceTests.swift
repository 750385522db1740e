import Domain
import Foundation
import Support
import Testing
@testable import Command

/// `cairn import case FILE|URL`: what stands between a publisher and a package.
@Suite(.timeLimit(.minutes(1))) struct CaseSourceTests {
    private static let package = #"{"CFDocument":{}}"#
    private static let zipped: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 114, 118, 115, 201, 79, 46, 205, 77, 205, 43, 81, 178, 170, 174, 173, 5, 0,
        65, 55, 28, 162, 17, 0, 0, 0,
    ]

    private static func answer(_ body: [UInt8], _ head: String = "200 OK") -> [UInt8] {
        Array("HTTP/1.1 \(head)\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private func problem(_ source: String) async -> String {
        do { return String(decoding: try await CaseSource.read(source), as: UTF8.self) } catch { return "\(error)" }
    }

    @Test func `redirects are followed, and what travels compressed is unpacked`() async throws {
        let server = try LoopbackServer()
        server.serve([
            "/old": Self.answer([], "301 Moved Permanently\r\nLocation: /new"),
            "/new": Self.answer(Self.zipped, "200 OK\r\nContent-Encoding: gzip"),
        ])
        #expect(await problem(server.base + "/old") == Self.package)
        #expect(await problem(server.base.replacing("http", with: "HTTP") + "/new") == Self.package)
    }

    @Test func `a server's refusal is shown with what can be done`() async throws {
        let server = try LoopbackServer()
        server.serve([
            "/closed": Self.answer(Array(#"{"message":"Invalid credentials"}"#.utf8), "401 Unauthorized"),
            "/busy": Self.answer([], "503 Busy"), "/page": Self.answer(Array("<html>Sign in</html>".utf8)),
            "/circle": Self.answer([], "302 Found\r\nLocation: /circle"),
        ])
        let closed = await problem(server.base + "/closed")
        #expect(closed.contains("answered 401: {\"message\":\"Invalid credentials\"}") && closed.contains("logged in"))
        #expect(await problem(server.base + "/busy").contains("answered 503\n  next: try again later"))
        #expect(await problem(server.base + "/page").contains("is no JSON object. It begins: <html>Sign in</html>"))
        #expect(await problem(server.base + "/circle").contains("cannot be fetched"))
        #expect(await problem(server.base + "/absent").contains("CFPackages/<id>"))
        #expect(await problem("http://127.0.0.1:1/x") == "http://127.0.0.1:1/x cannot be fetched: nobody answers there.")
        #expect(await problem("https" + server.base.dropFirst(4)).hasSuffix("cannot be fetched: TLS failed."))
    }

    @Test func `a file that is none is named for what it is`() async throws {
        let folder = Scratch.path("case-source")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func file(_ name: String, _ bytes: [UInt8]) -> String {
            #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data(bytes)))
            return "\(folder)/\(name)"
        }
        #expect(await problem(file("mark", [0xEF, 0xBB, 0xBF] + Self.package.utf8)) == Self.package)
        let wide = try #require(Self.package.data(using: .utf16))
        #expect(await problem(file("wide", Array(wide))) == Self.package)
        let endings = [
            (file("empty", []), "is empty."), (file("blank", Array(" \n".utf8)), "is empty."),
            (file("zip", Self.zipped), "is compressed."), (file("null", Array("null".utf8)), "It begins: null"),
            (folder, "is a folder."), ("\(folder)/none", "There is no file"),
        ]
        for (path, ending) in endings { #expect(await problem(path).contains(ending), "\(path)") }
        let large = file("large", [])
        #expect(truncate(large, (256 << 20) + 1) == 0)
        #expect(await problem(large).contains("larger than 64 MiB"))
        let spaced = file("spaced", Array(Self.package.utf8) + [UInt8](repeating: 0x20, count: 64 << 20))
        #expect(await problem(spaced) == Self.package)
    }

    @Test func `what is left out of a large file is never inside a text`() {
        let json = #"{ "a \" : " : "x , \\" ,\#n\#t"b" : [ 1 , "" ] }"#
        let compact = #"{"a \" : ":"x , \\","b":[1,""]}"#
        #expect(String(decoding: CaseSource.compact(Array(json.utf8)), as: UTF8.self) == compact)
    }

    @Test func `every rule is reported with its true count`() {
        let repairs = (0..<4).map { ImportRepair(pointer: "/CFItems/\($0)", rule: "case.language", message: "eng was read as en") }
            + [ImportRepair(pointer: "/CFItems/9", rule: "case.language", message: "en_US was read as en-US")]
            + [ImportRepair(pointer: "", rule: "case.schema_wrapper", message: "opened")]
        let counts = [RepairCount(rule: "case.language", count: 30_000), RepairCount(rule: "case.schema_wrapper", count: 1)]
        #expect(ImportCase.summary(of: repairs, counts) == [
            "  mended in 30001 places:",
            "   30000  case.language: eng was read as en · en_US was read as en-US", "          at /CFItems/0, /CFItems/1, /CFItems/2, …",
            "       1  case.schema_wrapper: opened", "          at (whole)",
        ])
        #expect(ImportCase.summary(of: [], []) == ["  nothing had to be mended"])
    }
}
