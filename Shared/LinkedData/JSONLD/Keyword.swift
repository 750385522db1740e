/// The keywords of JSON-LD 1.1 §1.7 that may stand in a document or its context.
enum Keyword: String {
    case base = "@base"
    case container = "@container"
    case context = "@context"
    case direction = "@direction"
    case graph = "@graph"
    case id = "@id"
    case `import` = "@import"
    case included = "@included"
    case index = "@index"
    case json = "@json"
    case language = "@language"
    case list = "@list"
    case nest = "@nest"
    case none = "@none"
    case prefix = "@prefix"
    case propagate = "@propagate"
    case protected = "@protected"
    case reverse = "@reverse"
    case set = "@set"
    case type = "@type"
    case value = "@value"
    case version = "@version"
    case vocab = "@vocab"

    /// Nil at once for text that does not begin as keywords do.
    init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "@"), let keyword = Keyword(rawValue: text) else { return nil }
        self = keyword
    }

    /// True for `@` and ASCII letters: reserved, whether it is a keyword or not.
    static func isReserved(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "@"), text.utf8.count > 1 else { return false }
        return text.utf8.dropFirst().allSatisfy { (0x61...0x7A).contains($0 | 0x20) }
    }
}

enum BaseDirection: String {
    case ltr, rtl
}
