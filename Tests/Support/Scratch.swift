import Foundation
import Synchronization

/// Where tests put files: one folder for the whole process, its owner's alone, gone when the process ends.
package enum Scratch {
    private static let root: String = {
        var template = Array(FileManager.default.temporaryDirectory.appendingPathComponent("cairn-tests-XXXXXX").path.utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no scratch folder: \(String(cString: strerror(errno)))") }
        atexit { try? FileManager.default.removeItem(atPath: Scratch.root) }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
    private static let count = Atomic<Int>(0)

    /// A path nobody else is given; nothing is there yet.
    package static func path(_ name: String) -> String {
        "\(root)/\(count.add(1, ordering: .relaxed).newValue)-\(name)"
    }

    /// A new folder.
    package struct Folder {
        package let path: String

        package init(_ files: [String: String] = [:]) throws {
            path = Scratch.path("folder")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            for (name, text) in files { try put(name, Array(text.utf8)) }
        }

        package subscript(name: String) -> String { "\(path)/\(name)" }
        package func text(_ name: String) throws -> String { try String(contentsOfFile: self[name], encoding: .utf8) }
        package func put(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: self[name])) }
    }
}
