import Domain
import EventLog
import ServiceKit
import Storage

/// Imports a CASE package: the items, the package as it was read, and the framework itself in one transaction.
/// - Throws: `.invalid` where the package is broken, `.malformed`, `.refused` with `upload.incomplete`.
struct ImportFrameworkHandler: RequestHandler {
    let frameworks: FrameworkStore
    let uploads: UploadStore

    func handle(_ command: ImportFramework, _ context: RequestContext) async throws(Fault) -> ImportFramework.Reply {
        try context.authorize(.none)
        switch (command.package, command.upload) {
        case (let package?, nil):
            return try await importing(try read(package, at: "/package"), from: nil, context)
        case (nil, let upload?):
            let content: UploadStore.Content
            do { content = try await uploads.content(of: upload) } catch { throw Fault.internalError(error) }
            switch content {
            case .complete(let bytes):
                let json: JSONValue
                do { json = try JSONValue.parse(bytes, limits: .file) } catch { throw error.fault }
                return try await importing(try read(json, at: ""), from: upload, context)
            case .imported(let framework):
                // The parts are gone. The key finds the first answer; another key hears what became of them.
                return try await frameworks.aggregates.update(framework, context) { framework in
                    Decision([], reply: framework.reply(imported: false, nil))
                }
            }
        default:
            throw .invalid("", "framework.source", "Give either a package or an upload.")
        }
    }

    private func importing(
        _ reading: CaseReading, from upload: EntityID<Upload>?, _ context: RequestContext
    ) async throws(Fault) -> ImportFramework.Reply {
        let package = reading.package
        let digest = package.digest
        let id = package.frameworkID(digest: digest)
        return try await frameworks.aggregates.change(id, context, holding: Lock.framework(package.documentID)) {
            framework, connection in
            if let upload { _ = try connection.execute(batch: UploadStore.imported(upload, as: id)) }
            if let framework { return Decision([], reply: framework.reply(imported: false, reading)) }
            let next = try connection.execute(FrameworkStore.nextVersion(of: package.documentID))
            let version = try next.decode(Int.self)[0]
            for batch in FrameworkStore.keeping(package, digest: digest, as: id, version: version) {
                _ = try connection.execute(batch: batch)
            }
            let published = package.published(as: id, version: version, digest: digest)
            guard let state = FrameworkState(published) else { throw Fault.notFound("framework") }
            return Decision([published], reply: state.reply(imported: true, reading))
        }
    }

    /// Where the package is a part of the body, what is wrong with it is named from the body's root.
    private func read(_ json: JSONValue, at pointer: String) throws(Fault) -> CaseReading {
        do throws(Fault) { return try CasePackage.read(json) } catch {
            var fault = error
            fault.violations = fault.violations.map { .init(pointer + $0.pointer, $0.rule, $0.message) }
            throw fault
        }
    }
}
