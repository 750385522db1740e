import Credentials
import Domain
import Foundation

/// Files of these verbs: bounded reading, and writing that says what went wrong.
enum CredentialFiles {
    /// `-` is standard input.
    static func read(_ path: String, bytesMax: Int = CredentialLimits.imageBytesMax) throws -> [UInt8] {
        let handle: FileHandle
        if path == "-" { handle = .standardInput } else {
            guard let opened = FileHandle(forReadingAtPath: path) else { throw CommandProblem("\(path) cannot be read.") }
            handle = opened
        }
        do {
            // One byte more than allowed shows that there is more, however long it is.
            var data = Data()
            while data.count <= bytesMax, let part = try handle.read(upToCount: min(1 << 20, bytesMax + 1 - data.count)), !part.isEmpty { data += part }
            guard data.count <= bytesMax else { throw CommandProblem("\(path) is larger than \(bytesMax >> 20) MiB.") }
            return Array(data)
        } catch let problem as CommandProblem { throw problem } catch {
            throw CommandProblem("\(path) cannot be read.")
        }
    }

    static func json(_ path: String) throws -> JSONValue {
        do { return try JSONValue.parse(read(path), limits: .credential) } catch let error as JSONError {
            throw CommandProblem("\(path) is no valid JSON: \(error.message) (byte \(error.offset), \(error.rule))")
        }
    }

    static func key(_ path: String) throws -> SigningKey {
        do { return try SigningKey(fileText: String(decoding: read(path, bytesMax: 64 << 10), as: UTF8.self)) } catch let error as CredentialError {
            throw CommandProblem("\(path): \(error)", next: "cairn credential keygen makes a key")
        }
    }

    static func document(_ path: String) throws -> ControllerDocument {
        do { return try ControllerDocument(json(path)) } catch let error as CredentialError { throw CommandProblem("\(path): \(error)") }
    }

    /// To standard output when no path is given.
    static func write(_ bytes: [UInt8], to path: String?) throws {
        guard let path else {
            try FileHandle.standardOutput.write(contentsOf: Data(bytes))
            return
        }
        do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch { throw CommandProblem("\(path) cannot be written.") }
    }

    /// Mode 0600 from the first moment; an existing file is left alone.
    static func writeSecret(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandProblem(errno == EEXIST ? "\(path) exists already; a key is never written over." : "\(path) cannot be written.")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do { try handle.write(contentsOf: Data(text.utf8)) } catch { throw CommandProblem("\(path) cannot be written.") }
    }

    /// Two spaces a level, the order of members kept.
    static func pretty(_ value: JSONValue) -> [UInt8] {
        var text = ""
        append(value, indent: 0, to: &text)
        return Array((text + "\n").utf8)
    }

    /// Depth is bounded by the reader.
    private static func append(_ value: JSONValue, indent: Int, to text: inout String) {
        let inner = String(repeating: "  ", count: indent + 1), outer = String(repeating: "  ", count: indent)
        switch value {
        case .array(let elements) where !elements.isEmpty:
            text += "[\n"
            for (place, element) in elements.enumerated() {
                text += inner
                append(element, indent: indent + 1, to: &text)
                text += place < elements.count - 1 ? ",\n" : "\n"
            }
            text += outer + "]"
        case .object(let object) where !object.isEmpty:
            text += "{\n"
            for (place, member) in object.members.enumerated() {
                text += inner + String(decoding: JSONValue.string(member.name).serialized(), as: UTF8.self) + ": "
                append(member.value, indent: indent + 1, to: &text)
                text += place < object.count - 1 ? ",\n" : "\n"
            }
            text += outer + "}"
        default: text += String(decoding: value.serialized(), as: UTF8.self)
        }
    }
}

extension CredentialError {
    /// As the command says it.
    func problem(_ path: String) -> CommandProblem { CommandProblem("\(path): \(Terminal.printable(description))") }
}
