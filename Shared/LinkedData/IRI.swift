/// IRI references by RFC 3986 §5, as JSON-LD and RDF need them.
enum IRI {
    /// True for text that begins with a scheme and holds no character an IRI must not contain.
    static func isAbsolute(_ text: String) -> Bool {
        text.withBytes { bytes in
            guard schemeLength(bytes) != nil else { return false }
            var hasFragment = false
            for byte in bytes {
                if isForbidden(byte) { return false }
                guard byte == UInt8(ascii: "#") else { continue }
                if hasFragment { return false }
                hasFragment = true
            }
            return true
        }
    }

    /// True for text that begins with a scheme.
    static func hasScheme(_ text: String) -> Bool {
        text.withBytes { schemeLength($0) != nil }
    }

    /// `<>"{}|^` and the backtick, the backslash, space and control characters: a bit each.
    @inline(__always)
    private static func isForbidden(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        let bits: UInt64 = byte < 64 ? 0x5000_0005_FFFF_FFFF : 0x3800_0001_5000_0000
        return bits >> UInt64(byte & 63) & 1 == 1
    }

    /// Bytes before the colon; nil when the text begins with no scheme.
    private static func schemeLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let first = bytes.first, isLetter(first) else { return nil }
        var place = 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: ":"): return place
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                 UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                place += 1
            default: return nil
            }
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    /// RFC 3986 §5.2.2, strict. Nil when the base is no absolute IRI.
    static func resolve(_ reference: String, against base: String) -> String? {
        let reference = Parts(reference), base = Parts(base)
        guard base.scheme != nil else { return nil }
        var target = Parts()
        target.fragment = reference.fragment
        if reference.scheme != nil {
            target.scheme = reference.scheme
            target.authority = reference.authority
            target.path = withoutDots(reference.path)
            target.query = reference.query
            return target.text
        }
        target.scheme = base.scheme
        if reference.authority != nil {
            target.authority = reference.authority
            target.path = withoutDots(reference.path)
            target.query = reference.query
            return target.text
        }
        target.authority = base.authority
        if reference.path.isEmpty {
            target.path = base.path
            target.query = reference.query ?? base.query
        } else {
            target.path = withoutDots(
                reference.path.hasPrefix("/") ? reference.path : merged(reference.path, into: base))
            target.query = reference.query
        }
        return target.text
    }

    private static func merged(_ path: String, into base: Parts) -> String {
        if base.authority != nil, base.path.isEmpty { return "/" + path }
        guard let slash = base.path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(base.path[...slash]) + path
    }

    /// RFC 3986 §5.2.4 over whole segments.
    private static func withoutDots(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: ".")) else { return path }
        let isRooted = path.hasPrefix("/")
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for (place, segment) in segments.enumerated() where !(isRooted && place == 0) {
            let isLast = place == segments.count - 1
            switch Substring(segment) {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            case let segment: kept.append(segment)
            }
        }
        return (isRooted ? "/" : "") + kept.joined(separator: "/")
    }

    /// The five parts of RFC 3986 §3; nil where the part is absent, which differs from empty.
    private struct Parts {
        var scheme: String?
        var authority: String?
        var path = ""
        var query: String?
        var fragment: String?

        init() {}

        init(_ text: String) {
            var rest = text[...]
            if let hash = rest.utf8.firstIndex(of: UInt8(ascii: "#")) {
                fragment = String(rest[rest.utf8.index(after: hash)...])
                rest = rest[..<hash]
            }
            if let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
                query = String(rest[rest.utf8.index(after: mark)...])
                rest = rest[..<mark]
            }
            if let length = String(rest).withBytes({ schemeLength($0) }) {
                let colon = rest.utf8.index(rest.startIndex, offsetBy: length)
                scheme = String(rest[..<colon])
                rest = rest[rest.utf8.index(after: colon)...]
            }
            if rest.utf8.starts(with: "//".utf8) {
                let after = rest.utf8.dropFirst(2)
                let end = after.firstIndex(of: UInt8(ascii: "/")) ?? after.endIndex
                authority = String(Substring(after[..<end]))
                rest = rest[end...]
            }
            path = String(rest)
        }

        var text: String {
            var text = ""
            if let scheme { text += scheme + ":" }
            if let authority { text += "//" + authority }
            text += path
            if let query { text += "?" + query }
            if let fragment { text += "#" + fragment }
            return text
        }
    }
}
