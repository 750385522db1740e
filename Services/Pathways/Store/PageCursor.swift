import Domain
import Foundation

/// Where a list goes on: the last key, as base64url. Opaque to callers.
enum PageCursor {
    static func text(_ key: [UInt8]) -> String {
        Data(key).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// - Throws: `.invalid` for anything that is not a cursor of so many bytes.
    static func key(_ text: String, bytes: Int) throws(Fault) -> [UInt8] {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard text.utf8.count <= 64, let data = Data(base64Encoded: padded), data.count == bytes else {
            throw .invalid("/cursor", "cursor", "Send a cursor as it was given, or none.")
        }
        return Array(data)
    }
}
