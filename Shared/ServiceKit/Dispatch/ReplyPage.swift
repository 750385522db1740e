/// What one reply of a list may hold.
package enum ReplyPage {
    /// With what surrounds the items, what escapes add, and the one item that goes beyond, a reply stays below the
    /// mesh's 1 MiB.
    package static let bytesMax = 500 * 1024

    /// Of what was found for a page, as much as fits one reply; the first in any case.
    /// - Parameter weight: of one, in bytes.
    package static func fitting<Item>(_ found: some Sequence<Item>, weight: (Item) -> Int) -> [Item] {
        var bytes = 0
        return found.prefix { item in
            defer { bytes += weight(item) }
            return bytes < bytesMax
        }
    }
}
