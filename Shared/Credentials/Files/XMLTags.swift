/// Start tags of an XML text, one after the other. Comments, processing instructions, CDATA and the document type are
/// passed over; no entity is expanded. Work is one pass over the bytes.
struct XMLTags {
    struct Tag {
        var name: String
        var attributes: [String: String]
        /// `<a/>`.
        var isEmpty: Bool
        var range: Range<Int>

        var prefix: String { name.contains(":") ? String(name.prefix { $0 != ":" }) : "" }
        var localName: String { name.contains(":") ? String(name.drop { $0 != ":" }.dropFirst()) : name }
    }

    static let attributesMax = 1000

    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func root() throws(CredentialError) -> Tag {
        guard let root = try next() else { throw Self.malformed("it has no root") }
        return root
    }

    /// The next start tag; nil at the end.
    mutating func next() throws(CredentialError) -> Tag? {
        while let open = bytes[at...].firstIndex(of: UInt8(ascii: "<")) {
            at = open
            if starts("<!--") { try skip(past: "-->") } else if starts("<![CDATA[") { try skip(past: "]]>") } else if starts("<?") {
                try skip(past: "?>")
            } else if starts("<!") {
                // An internal subset may hold anything, also entities made to explode; we would not expand them, and
                // what a renderer would show is then not ours to tell.
                guard let end = bytes[at...].firstIndex(of: UInt8(ascii: ">")), !bytes[at..<end].contains(UInt8(ascii: "[")) else {
                    throw Self.malformed("it defines a document type of its own")
                }
                at = end + 1
            } else if starts("</") { try skip(past: ">") } else { return try tag() }
        }
        at = bytes.count
        return nil
    }

    /// Text and CDATA up to the next end tag.
    mutating func text() throws(CredentialError) -> [UInt8] {
        var text: [UInt8] = []
        while at < bytes.count {
            if starts("<![CDATA[") {
                let from = at + 9
                try skip(past: "]]>")
                text.append(contentsOf: bytes[from..<(at - 3)])
            } else if starts("<!--") { try skip(past: "-->") } else if starts("</") { return Self.trimmed(text) } else if bytes[at] == UInt8(ascii: "<") {
                throw Self.malformed("there is an element inside the credential")
            } else {
                let end = bytes[at...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                text.append(contentsOf: try Self.unescaped(bytes[at..<end]).utf8)
                at = end
            }
        }
        throw Self.malformed("it is cut off")
    }

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[at...].starts(with: $0) }
    }

    private mutating func skip(past text: String) throws(CredentialError) {
        let end = Array(text.utf8)
        // Past the opening, so that <!--> does not close itself.
        var place = at + 2
        while place + end.count <= bytes.count {
            guard let hit = bytes[place...].firstIndex(of: end[0]) else { break }
            if bytes[hit...].starts(with: end) {
                at = hit + end.count
                return
            }
            place = hit + 1
        }
        throw Self.malformed("it is cut off")
    }

    private mutating func tag() throws(CredentialError) -> Tag {
        let start = at
        at += 1
        let name = try word()
        var attributes: [String: String] = [:]
        while true {
            space()
            guard at < bytes.count else { throw Self.malformed("a tag is cut off") }
            if bytes[at] == UInt8(ascii: ">") {
                at += 1
                return Tag(name: name, attributes: attributes, isEmpty: false, range: start..<at)
            }
            if starts("/>") {
                at += 2
                return Tag(name: name, attributes: attributes, isEmpty: true, range: start..<at)
            }
            let attribute = try word()
            space()
            guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { throw Self.malformed("an attribute has no value") }
            at += 1
            space()
            guard at < bytes.count, bytes[at] == 34 || bytes[at] == 39, let end = bytes[(at + 1)...].firstIndex(of: bytes[at]) else {
                throw Self.malformed("an attribute's value has no quotes")
            }
            guard attributes.count < Self.attributesMax, attributes[attribute] == nil else {
                throw Self.malformed("a tag has an attribute twice, or more than \(Self.attributesMax)")
            }
            // Values may be large (pictures in data: addresses); only those that matter are read.
            attributes[attribute] = attribute == "verify" || attribute.hasPrefix("xmlns") ? try Self.unescaped(bytes[(at + 1)..<end]) : ""
            at = end + 1
        }
    }

    private mutating func space() { while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 } }

    private mutating func word() throws(CredentialError) -> String {
        let end = bytes[at...].firstIndex { [0x20, 0x09, 0x0A, 0x0D, 0x2F, 0x3D, 0x3E, 0x3C, 0x22, 0x27].contains($0) } ?? bytes.count
        guard end > at, end - at <= 1000 else { throw Self.malformed("a name is missing or too long") }
        defer { at = end }
        return String(decoding: bytes[at..<end], as: UTF8.self)
    }

    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return Array(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) throws(CredentialError) -> String {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = [], at = bytes.startIndex
        while at < bytes.endIndex {
            guard bytes[at] == UInt8(ascii: "&") else { result.append(bytes[at]); at += 1; continue }
            guard let end = bytes[at...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw malformed("an entity has no end") }
            let name = String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
            switch name {
            case "lt": result.append(60)
            case "gt": result.append(62)
            case "amp": result.append(38)
            case "quot": result.append(34)
            case "apos": result.append(39)
            default:
                let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
                guard let scalar = number.flatMap(Unicode.Scalar.init) else { throw malformed("the entity \(name) is not known") }
                result.append(contentsOf: Array(String(Character(scalar)).utf8))
            }
            at = end + 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func malformed(_ why: String) -> CredentialError { CredentialError("svg.malformed", "This is no sound SVG: \(why).") }
}
