/// One version of a competency framework; it never changes once imported.
package enum Framework {}

/// Imports a CASE package as one framework version. The same document with the same content gives the first framework
/// again; changed content under the same document identifier becomes its next version. Exactly one of `package` and
/// `upload` is given.
package struct ImportFramework: Command {
    package static let name: RequestName = "pathways.import_framework"
    /// A CASE 1.0 or 1.1 package, as `CasePackage.read` takes it.
    package var package: JSONValue?
    /// The parts staged before, for a package that does not fit into one body of 1 MiB.
    package var upload: EntityID<Upload>?

    package init(package: JSONValue? = nil, upload: EntityID<Upload>? = nil) {
        self.package = package
        self.upload = upload
    }

    package struct Reply: Codable, Sendable, Hashable {
        package var framework: EntityID<Framework>
        package var title: String
        package var version: Int
        /// False when this very content was here already.
        package var imported: Bool
        package var items: Int
        package var associations: Int
        /// What was mended; of each rule as many as fit, 1000 together.
        package var repairs: [ImportRepair]
        /// How often each rule mended something, by rule. Absent when an upload was imported before and is gone.
        package var repairCounts: [RepairCount]?
        package init(
            framework: EntityID<Framework>, title: String, version: Int, imported: Bool, items: Int,
            associations: Int, repairs: [ImportRepair], repairCounts: [RepairCount]?
        ) {
            self.framework = framework
            self.title = title
            self.version = version
            self.imported = imported
            self.items = items
            self.associations = associations
            self.repairs = repairs
            self.repairCounts = repairCounts
        }
    }
}

/// A large body on its way in parts; forgotten after a day.
package enum Upload {}

/// Stages one part of a large import. Repeating a part is harmless.
package struct StageUpload: Command {
    package static let name: RequestName = "pathways.stage_upload"
    package typealias Reply = Done
    /// Chosen by the caller.
    package var upload: EntityID<Upload>
    /// 0..<`of`.
    package var part: Int
    /// 1...128.
    package var of: Int
    /// Base64; at most 512 KiB decoded.
    package var content: String

    package init(upload: EntityID<Upload>, part: Int, of: Int, content: String) {
        self.upload = upload
        self.part = part
        self.of = of
        self.content = content
    }
}

/// Something the import mended, and where.
package struct ImportRepair: Codable, Sendable, Hashable {
    package var pointer: String
    package var rule: String
    package var message: String
    package init(pointer: String, rule: String, message: String) {
        self.pointer = pointer
        self.rule = rule
        self.message = message
    }
}

package struct RepairCount: Codable, Sendable, Hashable {
    package var rule: String
    package var count: Int
    package init(rule: String, count: Int) {
        self.rule = rule
        self.count = count
    }
}

package struct GetFramework: Query {
    package static let name: RequestName = "pathways.get_framework"
    package var framework: EntityID<Framework>

    package struct Reply: Codable, Sendable, Hashable {
        package var framework: EntityID<Framework>
        /// The CASE document identifier, shared by all versions.
        package var document: EntityID<Framework>
        package var version: Int
        package var title: String
        package var creator: String
        package var items: Int
        package var associations: Int
        package var importedAt: Timestamp
        package init(
            framework: EntityID<Framework>, document: EntityID<Framework>, version: Int, title: String,
            creator: String, items: Int, associations: Int, importedAt: Timestamp
        ) {
            self.framework = framework
            self.document = document
            self.version = version
            self.title = title
            self.creator = creator
            self.items = items
            self.associations = associations
            self.importedAt = importedAt
        }
    }

    package init(framework: EntityID<Framework>) {
        self.framework = framework
    }
}

package struct ListFrameworkItems: Query {
    package static let name: RequestName = "pathways.list_framework_items"
    package typealias Reply = Page<FrameworkItem>
    package var framework: EntityID<Framework>
    package var limit: Int?
    package var cursor: String?
    package init(framework: EntityID<Framework>, limit: Int? = nil, cursor: String? = nil) {
        self.framework = framework
        self.limit = limit
        self.cursor = cursor
    }
}

package struct FrameworkItem: Codable, Sendable, Hashable {
    /// `urn:uuid:` and the CASE identifier.
    package var target: String
    package var uri: String
    package var code: String?
    package var statement: String
    package var type: String?
    /// Target of the item above it; absent at the top.
    package var parent: String?
    package var sequence: Int?
    package init(
        target: String, uri: String, code: String? = nil, statement: String, type: String? = nil,
        parent: String? = nil, sequence: Int? = nil
    ) {
        self.target = target
        self.uri = uri
        self.code = code
        self.statement = statement
        self.type = type
        self.parent = parent
        self.sequence = sequence
    }
}
