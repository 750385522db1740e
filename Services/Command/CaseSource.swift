import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOPosix

/// Where a CASE package comes from: a file, or an address that the operator trusts.
enum CaseSource {
    static let bytesMax = 64 << 20
    /// Half of a large file may be indentation.
    static let spacedBytesMax = 256 << 20
    /// Servers make large packages while we wait.
    static let fetchSeconds: Int64 = 300

    static func read(_ source: String) async throws -> [UInt8] {
        let isAddress = ["https://", "http://"].contains { source.lowercased().hasPrefix($0) }
        let json = try json(isAddress ? await fetch(source) : contents(ofFile: source), from: source)
        // Only where it must be: the places of mistakes are counted in bytes of the file.
        let package = json.count > bytesMax ? compact(json) : json
        guard package.count <= bytesMax else { throw tooLarge(source) }
        return package
    }

    private static func contents(ofFile path: String) throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandProblem("There is no file \(path).")
        }
        guard !isFolder.boolValue else { throw CommandProblem("\(path) is a folder.", next: "give one of its files") }
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
        guard size <= spacedBytesMax else { throw tooLarge(path) }
        guard let data = FileManager.default.contents(atPath: path) else { throw CommandProblem("\(path) cannot be read.") }
        return Array(data)
    }

    private static func tooLarge(_ source: String) -> CommandProblem {
        CommandProblem("\(source) is larger than \(bytesMax >> 20) MiB, which is the most for one package.")
    }

    // MARK: The web

    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .follow(max: 5, allowCycles: false)
        // What is collected is limited, so that no limit is needed here.
        configuration.decompression = .enabled(limit: .none)
        configuration.timeout.connect = .seconds(10)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    static func fetch(_ address: String) async throws -> [UInt8] {
        Terminal.remark("Fetching \(address) …")
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "Accept", value: "application/json, */*;q=0.1")
        do {
            let response = try await http.execute(request, timeout: .seconds(fetchSeconds))
            guard response.status == .ok else { throw try await refusal(address, response) }
            return Array(try await response.body.collect(upTo: spacedBytesMax).readableBytesView)
        } catch let problem as CommandProblem { throw problem } catch is NIOTooManyBytesError {
            throw tooLarge(address)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw CommandProblem("\(address) was not done after \(fetchSeconds / 60) minutes.", next: advice(503))
        } catch {
            throw CommandProblem("\(address) cannot be fetched: \(reason(error)).")
        }
    }

    /// In words, for the failures that people meet.
    private static func reason(_ error: any Error) -> String {
        if let error = error as? NIOConnectionError, error.connectionErrors.isEmpty { return "there is no such name" }
        if API.isUnanswered(error) { return "nobody answers there" }
        if let error = error as? HTTPClientError { return error.shortDescription }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "this machine does not trust its certificate"
        }
        return text.contains("SSL") ? "TLS failed" : Terminal.printable(text, limit: 300)
    }

    private static func refusal(_ address: String, _ response: HTTPClientResponse) async throws -> CommandProblem {
        var said = ""
        if let body = try? await response.body.collect(upTo: 64 << 10) {
            said = Terminal.printable(String(buffer: body), limit: 200)
        }
        return CommandProblem(
            "\(address) answered \(response.status.code)\(said.isEmpty ? "" : ": \(said)")",
            next: advice(response.status.code))
    }

    private static func advice(_ status: UInt) -> String {
        switch status {
        case 401, 403: "download the package where you are logged in, and give the file"
        case 429, 500...: "try again later, or download the package and give the file"
        default: "look for the package's own address: it ends in CFPackages/<id>"
        }
    }

    // MARK: What came

    /// JSON in UTF-8 without a byte order mark; UTF-16 is written anew if it says that it is.
    static func json(_ given: [UInt8], from source: String) throws -> [UInt8] {
        var bytes = given
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]),
           let text = String(bytes: bytes, encoding: .utf16) { bytes = Array(text.utf8) }
        if bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            throw CommandProblem("\(source) is compressed.", next: "unpack it first, by gunzip or unzip")
        }
        guard let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            throw CommandProblem("\(source) is empty.")
        }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            let beginning = Terminal.printable(String(decoding: bytes.prefix(120), as: UTF8.self))
            throw CommandProblem("\(source) is no JSON object. It begins: \(beginning)")
        }
        return bytes
    }

    /// The same JSON without the spaces between its tokens.
    static func compact(_ json: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(json.count)
        var isText = false, isEscaped = false
        for byte in json {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\"): isEscaped = isText
            case UInt8(ascii: "\""): isText.toggle()
            case 0x20, 0x09, 0x0A, 0x0D: if !isText { continue }
            default: break
            }
            kept.append(byte)
        }
        return kept
    }
}
