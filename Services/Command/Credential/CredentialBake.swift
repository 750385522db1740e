import ArgumentParser
import Credentials
import Domain
import Foundation

struct CredentialBake: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bake",
        abstract: "Put a signed credential into a PNG or SVG.",
        discussion: """
            The picture stays as it looks; the credential travels inside and can be taken out again.

              cairn credential bake signed.json --image badge.png --out baked.png
            """)

    @Argument(help: "The signed credential, JSON or JWT, or - for standard input.") var file: String
    @Option(help: "The picture, PNG or SVG.") var image: String
    @Option(help: "Where to. Left out: standard output.") var out: String?

    func run() throws {
        do {
            let (kind, text) = try CredentialFile.open(CredentialFiles.read(file))
            guard kind == .json || kind == .jwt else { throw CommandProblem("\(file) is a picture; give the credential itself.", next: "cairn credential extract \(file)") }
            // What cannot be read back is not baked; white space around it is left out.
            let trimmed = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            _ = try Verifier.readable(Array(trimmed.utf8))
            let picture = try CredentialFiles.read(image)
            let baked = PNG.matches(picture) ? try PNG.bake(Array(trimmed.utf8), into: picture) : try SVG.bake(Array(trimmed.utf8), into: picture)
            try CredentialFiles.write(baked, to: out)
        } catch let error as CredentialError { throw error.problem(error.rule.hasPrefix("png") || error.rule.hasPrefix("svg") ? image : file) }
    }
}

struct CredentialExtract: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Take the credential out of a PNG or SVG.",
        discussion: """
            The text comes out as it went in, byte for byte (SVG: as its CDATA or attribute says).

              cairn credential extract baked.png --out signed.json
            """)

    @Argument(help: "The picture, or - for standard input.") var file: String
    @Option(help: "Where to. Left out: standard output.") var out: String?

    func run() throws {
        do { try CredentialFiles.write(CredentialFile.open(CredentialFiles.read(file)).text, to: out) } catch let error as CredentialError {
            throw error.problem(file)
        }
    }
}
