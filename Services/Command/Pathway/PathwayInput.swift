import ArgumentParser
import Domain
import Foundation
import PathwayEngine

/// Files that a verb was given. `-` is standard input, once.
enum PathwayInput {
    static let bytesMax = 64 << 20

    static func bytes(_ path: String, bytesMax: Int = bytesMax) throws -> [UInt8] {
        let pieces = try Pieces(path)
        var bytes: [UInt8] = []
        while let piece = try pieces.next() {
            bytes += piece
            guard bytes.count <= bytesMax else {
                throw PathwayProblem(file: name(path), rule: "file.too_large",
                                     message: "This is larger than \(bytesMax >> 20) MiB.")
            }
        }
        return bytes
    }

    /// As messages call it.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// A file read piece by piece.
    final class Pieces {
        private let handle: FileHandle
        private let path: String

        init(_ path: String) throws {
            self.path = path
            if path == "-" {
                handle = .standardInput
                return
            }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw PathwayProblem(file: path, rule: "file.missing", message: "There is no such file.")
            }
            guard !isFolder.boolValue else {
                throw PathwayProblem(file: path, rule: "file.folder", message: "This is a folder. Name a file in it.")
            }
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw PathwayProblem(file: path, rule: "file.unreadable", message: "This may not be read.")
            }
            self.handle = handle
        }

        func next() throws -> [UInt8]? {
            do {
                guard let data = try handle.read(upToCount: 1 << 20), !data.isEmpty else { return nil }
                return Array(data)
            } catch {
                throw PathwayProblem(file: PathwayInput.name(path), rule: "file.unreadable",
                                     message: "Reading broke off.")
            }
        }
    }

    /// Of either format, checked; with its name.
    static func pathway(_ path: String) throws -> PathwayFile { PathwayFile.read(try bytes(path)) }

    /// A pathway that can be asked something.
    /// - Throws: `PathwayProblem` when it cannot be read, `RefusedPathway` when it is read and contradicts itself.
    static func sound(_ path: String) throws -> (document: PathwayDocument, file: PathwayFile) {
        let file = try pathway(path)
        let refusal = file.findings.first { $0.severity == .refused }
        guard let document = file.document else {
            throw PathwayProblem(
                file: name(path), place: refusal?.place.isEmpty == false ? refusal?.place : nil,
                rule: refusal?.rule ?? "file.unreadable", message: refusal?.message ?? "This cannot be read.")
        }
        if refusal != nil { throw RefusedPathway(path: path, file: file) }
        return (document, file)
    }

    /// Compiled, for what asks more than once.
    static func compiled(_ path: String) throws -> CompiledPathway {
        let (document, file) = try sound(path)
        do { return try CompiledPathway.compile(document) } catch {
            throw RefusedPathway(path: path, file: file)
        }
    }

    static func costs(_ path: String) throws -> NextCosts {
        let bytes = try bytes(path, bytesMax: 4 << 20)
        do { return try NextCosts.read(bytes) } catch {
            let first = error.violations.first
            throw PathwayProblem(
                file: name(path), place: first?.pointer.isEmpty == false ? first?.pointer : nil,
                rule: first?.rule ?? "costs.malformed", message: first.map { "This \($0.message)." } ?? error.message)
        }
    }

    static func learner(_ path: String) throws -> LearnerFile {
        let bytes = try bytes(path, bytesMax: LearnerFile.Bounds.fileBytes)
        do { return try LearnerFile.read(bytes) } catch {
            throw PathwayProblem(file: name(path), place: error.place.isEmpty ? nil : error.place, rule: error.rule,
                                 message: error.message)
        }
    }

    static func onlyOneFromStandardInput(_ paths: [String]) throws {
        guard paths.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Only one file can come from standard input.")
        }
    }
}

/// A file that was understood and may not be used.
struct RefusedPathway: Error {
    var path: String
    var file: PathwayFile

    var answer: PathwayAnswer {
        var answer = PathwayCheckAnswer(path, file).answer
        answer.lines.insert("Only a file without a refusal can be asked this.", at: 0)
        return answer
    }
}

struct LearnerOption: ParsableArguments {
    @Option(help: ArgumentHelp("A learner file; - is standard input.", valueName: "LEARNER.json"))
    var learner: String

    @OptionGroup var day: DayOption
}

struct DayOption: ParsableArguments {
    @Option(help: ArgumentHelp("The day to look at, like 2026-09-01. Without it: today, UTC.", valueName: "DATE"))
    var asOf: CalendarDay?

    var value: CalendarDate { asOf?.date ?? Timestamp.now.utcDate }
}

/// A day on the command line.
struct CalendarDay: ExpressibleByArgument {
    var date: CalendarDate

    init?(argument: String) {
        guard let date = CalendarDate(argument) else { return nil }
        self.date = date
    }
}
