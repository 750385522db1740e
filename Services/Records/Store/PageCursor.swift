import Domain
import Foundation

/// Where a list that is ordered by (time, id) goes on. To callers it is opaque: base64url of 8 and 16 bytes.
struct PageCursor: Hashable {
    var at: Timestamp
    var id: UUID

    init(at: Timestamp, id: UUID) {
        self.at = at
        self.id = id
    }

    init(reading text: String) throws(Fault) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let data = text.utf8.count == 32 ? Data(base64Encoded: standard) : nil
        let microseconds = data?.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        // To the end of the year 9999; PostgreSQL knows no moment of many that 8 bytes can say.
        guard let data, let microseconds, data.count == 24, (0..<253_402_300_800_000_000).contains(microseconds) else {
            throw .invalid("/cursor", "cursor", "Send a cursor as it was given, or none.")
        }
        at = Timestamp(microseconds: microseconds)
        id = UUID(bytes: data.dropFirst(8))
    }

    var text: String {
        let bytes = withUnsafeBytes(of: at.microseconds.bigEndian) { Array($0) } + id.bytes
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
}

extension Page {
    /// Of rows that were read one beyond the limit, to see whether there are more.
    init(_ rows: [Item], limit: Int, cursor: (Item) -> PageCursor) {
        let items = Array(rows.prefix(limit))
        self.init(items: items, next: rows.count > limit ? items.last.map { cursor($0).text } : nil)
    }
}
