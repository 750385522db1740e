import Foundation

/// One JSON text with the places of its values, which are read only when they are asked for. Decoders hold it, so that
/// it lives as long as any of them.
final class WireText {
    enum Kind: UInt8 { case null, `true`, `false`, number, string, escapedString, array, object }

    /// One value or the name of a member, in the order of the text: an object is followed by its names, each by its
    /// value; an array by its elements.
    struct Slot {
        /// Of text and numbers: the first byte, behind the quote. Of an array or object: how many elements it has.
        var start: UInt32
        /// Of text and numbers: behind the last byte. Of an array or object: the slot behind its last.
        var end: UInt32
        /// The slot of the array or object around it; -1 for the root.
        var parent: Int32
        /// Among the elements of the parent.
        var place: UInt32
        var kind: Kind
    }

    let bytes: UnsafePointer<UInt8>
    let slots: [Slot]
    /// The places of the members of large objects, made when the first is asked for.
    private var indexes: [Int: [String: Int]] = [:]

    private static let padding = 8
    private static let indexedFrom: UInt32 = 64
    /// Places of bytes and slots have 32 bits.
    private static let bytesMax = Int(Int32.max) - 16

    /// - Throws: `JSONError`.
    init(_ source: [UInt8]) throws {
        guard source.count <= Self.bytesMax else {
            throw JSONError(
                offset: Self.bytesMax, pointer: "", rule: JSONError.bytes,
                message: "The text is longer than \(Self.bytesMax) bytes.")
        }
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: source.count + Self.padding)
        bytes = UnsafePointer(copy)
        source.withUnsafeBufferPointer { if let base = $0.baseAddress { memcpy(copy, base, $0.count) } }
        (copy + source.count).update(repeating: 0, count: Self.padding)
        var scanner = WireScanner(bytes: copy, count: source.count)
        let isWhole = scanner.scan() && Self.isUTF8(source)
        slots = isWhole ? scanner.slots : []
        guard isWhole else { throw Self.error(source, at: scanner.at) }
    }

    deinit { bytes.deallocate() }

    let root = 0

    private static func isUTF8(_ source: [UInt8]) -> Bool {
        var all: UInt8 = 0
        for byte in source { all |= byte }
        return all < 0x80 || (try? UTF8Span(validating: source.span)) != nil
    }

    /// The reader of texts from outside says more exactly what is wrong.
    private static func error(_ source: [UInt8], at offset: Int) -> JSONError {
        do { _ = try JSONValue.parse(source, limits: .file) } catch { return error }
        return JSONError(offset: offset, pointer: "", rule: "json.syntax", message: "The text is not JSON.")
    }

    // MARK: Walking

    /// The slot behind the value.
    @inline(__always)
    func behind(_ slot: Int) -> Int { slots[slot].kind.rawValue >= Kind.array.rawValue ? Int(slots[slot].end) : slot + 1 }

    func isNull(_ slot: Int) -> Bool { slots[slot].kind == .null }

    /// The slot of the member's value; of two with that name the first.
    func member(_ name: String, of object: Int) -> Int? {
        if slots[object].start > Self.indexedFrom { return index(of: object)[name] }
        return name.utf8.withContiguousStorageIfAvailable { find($0, name, in: object) }
            ?? Array(name.utf8).withUnsafeBufferPointer { find($0, name, in: object) }
    }

    @inline(__always)
    private func find(_ utf8: UnsafeBufferPointer<UInt8>, _ name: String, in object: Int) -> Int? {
        var key = object + 1
        let end = Int(slots[object].end)
        while key < end {
            let slot = slots[key]
            if slot.kind == .string {
                if Int(slot.end - slot.start) == utf8.count,
                   utf8.isEmpty || memcmp(bytes + Int(slot.start), utf8.baseAddress.unsafelyUnwrapped, utf8.count) == 0 {
                    return key + 1
                }
            } else if (try? string(at: key)) == name { return key + 1 }
            key = behind(key + 1)
        }
        return nil
    }

    private func index(of object: Int) -> [String: Int] {
        if let known = indexes[object] { return known }
        var index: [String: Int] = [:]
        index.reserveCapacity(Int(slots[object].start))
        for (name, value) in members(of: object) where index[name] == nil { index[name] = value }
        indexes[object] = index
        return index
    }

    /// Names and the slots of their values as they stand there; a name that is half of a surrogate pair is left out.
    func members(of object: Int) -> [(name: String, value: Int)] {
        var members: [(name: String, value: Int)] = []
        members.reserveCapacity(Int(slots[object].start))
        var key = object + 1
        while key < Int(slots[object].end) {
            if let name = try? string(at: key) { members.append((name, key + 1)) }
            key = behind(key + 1)
        }
        return members
    }

    func codingPath(of slot: Int) -> [any CodingKey] {
        var keys: [any CodingKey] = []
        var here = slot
        while here >= 0, slots[here].parent >= 0 {
            let parent = Int(slots[here].parent)
            keys.append(slots[parent].kind == .object
                ? WirePlace((try? string(at: here - 1)) ?? "") : WirePlace(Int(slots[here].place)))
            here = parent
        }
        return keys.reversed()
    }
}

/// A step of a coding path: a member's name or an element's place.
struct WirePlace: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ name: String) {
        stringValue = name
        intValue = nil
    }

    init(_ place: Int) {
        stringValue = "Index \(place)"
        intValue = place
    }

    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { self.init(intValue) }
}
