import Foundation
import Testing

/// Files beside the repository that it may not contain: published standards and other people's samples. Tests that
/// read them are skipped, and say so, where they are absent.
package enum SharedFiles {
    /// The folder `../shared` beside the package's root, if there is one.
    package static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.pathComponents.count > 1 {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
                let shared = folder.deletingLastPathComponent().appendingPathComponent("shared", isDirectory: true)
                return FileManager.default.fileExists(atPath: shared.path) ? shared : nil
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }()

    package static func exists(_ path: String) -> Bool {
        guard let root else { return false }
        return FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return Array(try Data(contentsOf: root.appendingPathComponent(path)))
    }

    /// The `.json` files below a folder, as paths like those `bytes` takes, sorted; empty when it is absent.
    package static func jsonFiles(below path: String) -> [String] {
        guard let root,
              let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(path).path)
        else { return [] }
        return found.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted().map { "\(path)/\($0)" }
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where `../shared` holds this file or folder.
    package static func needsShared(_ path: String) -> Self {
        .enabled(if: SharedFiles.exists(path), "needs ../shared/\(path), which is not here")
    }
}
