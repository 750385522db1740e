import Domain
import Foundation
import ServiceKit

/// Keeps one part of a large body for an import. It is the same however often it is sent, so its key is not looked at.
/// - Throws: `.invalid`, `.conflict` with `upload.parts` or `upload.part`, `.limited`.
struct StageUploadHandler: RequestHandler {
    let uploads: UploadStore

    func handle(_ command: StageUpload, _ context: RequestContext) async throws(Fault) -> Done {
        try context.authorize(.none)
        guard (1...UploadStore.partsMax).contains(command.of) else {
            throw .invalid("/of", "upload.parts", "An upload has 1 to \(UploadStore.partsMax) parts.")
        }
        guard (0..<command.of).contains(command.part) else {
            throw .invalid("/part", "upload.part", "Parts are counted from 0 to \(command.of - 1).")
        }
        guard let content = Data(base64Encoded: command.content), content.count <= UploadStore.partBytesMax else {
            throw .invalid("/content", "upload.content",
                           "A part is base64 of at most \(UploadStore.partBytesMax) bytes.")
        }
        do {
            try await uploads.stage(command.upload, part: command.part, of: command.of, content: Array(content))
        } catch {
            throw Fault.internalError(error)
        }
        return Done()
    }
}
