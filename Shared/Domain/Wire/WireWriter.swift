import Foundation

/// Writes one JSON text straight into one buffer. What is open stands in `frame`; the frames around it wait on the stack
/// of `value(_:)`, since a Codable value ends when its `encode(to:)` returns.
final class WireWriter {
    /// One value under writing.
    struct Frame {
        enum Shape { case nothing, single, array, object }

        var shape = Shape.nothing
        /// Of values within each other; containers hold it, so that none writes after its value has ended.
        var depth: Int
        /// Of arrays and objects within each other.
        var nesting: Int
        var start: Int
        var firstMember: Int
        var firstDetour: Int
        var isEmpty = true
        var isSorted = true
    }

    /// One member of the open objects: where its name begins, with the quote, and what it is sorted by.
    struct Member {
        /// The first eight bytes of the name, so that one comparison of integers mostly decides.
        var prefix: UInt64
        var start: Int
        var nameCount: Int
        var end = 0
        /// Where the name stands as it is, if it could not be written so; else -1.
        var escaped = -1
    }

    /// A nested container or a superclass, which may be written at any time until its parent ends: in a buffer of its own,
    /// to be put in at `offset`.
    struct Detour {
        var offset: Int
        var writer: WireWriter
    }

    /// All that changes. Behind a pointer, because each access to a stored property of a class would be checked for
    /// exclusivity at run time, which took a third of the whole writing.
    private struct State {
        var buffer: UnsafeMutablePointer<UInt8>
        var capacity: Int
        var count = 0
        var frame: Frame
        var members: [Member] = []
        var detours: [Detour] = []
        var escapedNames: [[UInt8]] = []
    }

    private let state: UnsafeMutablePointer<State>

    init(nesting: Int = 0, capacity: Int = 2048) {
        state = .allocate(capacity: 1)
        state.initialize(to: State(
            buffer: .allocate(capacity: capacity), capacity: capacity,
            frame: Frame(depth: 0, nesting: nesting, start: 0, firstMember: 0, firstDetour: 0)))
    }

    deinit {
        buffer.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    var buffer: UnsafeMutablePointer<UInt8> {
        @inline(__always) get { state.pointee.buffer }
    }

    var count: Int {
        @inline(__always) get { state.pointee.count }
        @inline(__always) set { state.pointee.count = newValue }
    }

    var frame: Frame {
        @inline(__always) get { state.pointee.frame }
        @inline(__always) _modify { yield &state.pointee.frame }
    }

    private var members: [Member] {
        @inline(__always) get { state.pointee.members }
        @inline(__always) _modify { yield &state.pointee.members }
    }

    private var detours: [Detour] {
        @inline(__always) get { state.pointee.detours }
        @inline(__always) _modify { yield &state.pointee.detours }
    }

    static func bytes(of value: some Encodable) throws -> [UInt8] {
        let writer = WireWriter()
        try writer.value(value)
        return Array(UnsafeBufferPointer(start: writer.buffer, count: writer.count))
    }

    // MARK: Bytes

    @inline(__always)
    func reserve(_ more: Int) { if count + more > state.pointee.capacity { grow(more) } }

    @inline(never)
    private func grow(_ more: Int) {
        let capacity = 2 * state.pointee.capacity + more
        let wider = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        wider.update(from: buffer, count: count)
        buffer.deallocate()
        state.pointee.buffer = wider
        state.pointee.capacity = capacity
    }

    @inline(__always)
    func append(_ byte: UInt8) {
        reserve(1)
        buffer[count] = byte
        count += 1
    }

    @inline(__always)
    func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        memcpy(buffer + count, source, length)
        count += length
    }

    func append(_ word: StaticString) { append(word.utf8Start, word.utf8CodeUnitCount) }

    // MARK: Values

    /// Writes what `write` puts into a frame of its own; one that puts in nothing is an empty object.
    @inline(__always)
    func inFrame(_ write: () throws -> Void) throws {
        let around = frame
        frame = Frame(
            depth: around.depth + 1, nesting: around.nesting, start: count, firstMember: members.count,
            firstDetour: detours.count)
        try write()
        try close()
        frame = around
    }

    func single() {
        precondition(frame.shape == .nothing, "a value must not be written twice")
        frame.shape = .single
    }

    func open(_ shape: Frame.Shape) {
        // A subclass may ask for the container of its superclass again.
        if frame.shape == shape { return }
        precondition(frame.shape == .nothing, "a value must not be written twice")
        frame.shape = shape
        frame.nesting += 1
        append(shape == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    func close() throws {
        guard frame.nesting <= Wire.depthMax else { throw Self.invalid("is nested deeper than \(Wire.depthMax)") }
        switch frame.shape {
        case .single: return
        case .nothing: append("{}")
        case .array:
            if detours.count > frame.firstDetour { try takeDetours() }
            append(UInt8(ascii: "]"))
        case .object:
            if detours.count > frame.firstDetour { try takeDetours() }
            if !frame.isSorted { sort() }
            members.removeLast(members.count - frame.firstMember)
            append(UInt8(ascii: "}"))
        }
    }

    /// Begins an element of the open array.
    @inline(__always)
    func element() {
        if frame.isEmpty { frame.isEmpty = false } else { append(UInt8(ascii: ",")) }
    }

    /// Begins a member of the open object.
    func name(_ name: String) {
        element()
        let start = count
        let isPlain = text(name)
        var member = Member(prefix: 0, start: start, nameCount: count - start - 2)
        if isPlain {
            reserve(8)
            let eight = UInt64(bigEndian: UnsafeRawPointer(buffer + start + 1).loadUnaligned(as: UInt64.self))
            member.prefix = member.nameCount >= 8 ? eight : eight & ~(UInt64.max >> UInt64(8 * member.nameCount))
        } else {
            let bytes = Array(name.utf8)
            member.prefix = (0..<8).reduce(0) { $0 << 8 | UInt64($1 < bytes.count ? bytes[$1] : 0) }
            member.escaped = state.pointee.escapedNames.count
            state.pointee.escapedNames.append(bytes)
        }
        append(UInt8(ascii: ":"))
        if frame.isSorted, members.count > frame.firstMember, order(members[members.count - 1], member) >= 0 {
            frame.isSorted = false
        }
        members.append(member)
    }

    /// What `rewind` goes back to when a value throws and its parent goes on.
    struct Mark {
        fileprivate var frame: Frame
        fileprivate var count: Int, members: Int, detours: Int
    }

    var mark: Mark { Mark(frame: frame, count: count, members: members.count, detours: detours.count) }

    func rewind(to mark: Mark) {
        frame = mark.frame
        count = mark.count
        members.removeLast(members.count - mark.members)
        detours.removeLast(detours.count - mark.detours)
    }

    // MARK: Order and detours

    /// By the bytes of the names, as Foundation does it.
    @inline(__always)
    private func order(_ one: Member, _ other: Member) -> Int {
        if one.prefix != other.prefix { return one.prefix < other.prefix ? -1 : 1 }
        return orderOfRest(one, other)
    }

    private func orderOfRest(_ one: Member, _ other: Member) -> Int {
        guard one.escaped < 0, other.escaped < 0 else {
            let (left, right) = (bytes(of: one), bytes(of: other))
            return left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
        }
        let difference = memcmp(
            buffer + one.start + 1, buffer + other.start + 1, min(one.nameCount, other.nameCount))
        return difference != 0 ? Int(difference) : one.nameCount - other.nameCount
    }

    private func bytes(of member: Member) -> [UInt8] {
        guard member.escaped < 0 else { return state.pointee.escapedNames[member.escaped] }
        return Array(UnsafeBufferPointer(start: buffer + member.start + 1, count: member.nameCount))
    }

    /// Puts the members of the open object in order. Of two with the same name the later one counts.
    private func sort() {
        let first = frame.start + 1, length = count - first
        for place in frame.firstMember..<members.count {
            members[place].end = place + 1 < members.count ? members[place + 1].start - 1 : count
        }
        members.withUnsafeMutableBufferPointer { members in
            var mine = UnsafeMutableBufferPointer(rebasing: members[frame.firstMember...])
            mine.sort { one, other in
                let order = order(one, other)
                return order != 0 ? order < 0 : one.start < other.start
            }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { sorted in
                let target = sorted.baseAddress.unsafelyUnwrapped
                var to = 0
                for (place, member) in mine.enumerated() {
                    if place + 1 < mine.count, order(member, mine[place + 1]) == 0 { continue }
                    if to > 0 {
                        target[to] = UInt8(ascii: ",")
                        to += 1
                    }
                    memcpy(target + to, buffer + member.start, member.end - member.start)
                    to += member.end - member.start
                }
                memcpy(buffer + first, target, to)
                count = first + to
            }
        }
    }

    /// A writer for a nested container at this place.
    func detour() -> WireWriter {
        let writer = WireWriter(nesting: frame.nesting, capacity: 256)
        detours.append(Detour(offset: count, writer: writer))
        return writer
    }

    private func takeDetours() throws {
        let mine = detours[frame.firstDetour...]
        let tail = Array(UnsafeBufferPointer(start: buffer + frame.start, count: count - frame.start))
        let old = frame.start
        count = frame.start
        var copied = 0, place = frame.firstMember
        for detour in mine {
            try detour.writer.close()
            // What stands before the detour moves by what the earlier ones put in; so do its members.
            let upTo = detour.offset - old
            while place < members.count, members[place].start < detour.offset {
                members[place].start += count - old - copied
                place += 1
            }
            tail[copied..<upTo].withUnsafeBufferPointer { append($0.baseAddress.unsafelyUnwrapped, $0.count) }
            append(detour.writer.buffer, detour.writer.count)
            copied = upTo
        }
        while place < members.count {
            members[place].start += count - old - copied
            place += 1
        }
        if copied < tail.count {
            tail[copied...].withUnsafeBufferPointer { append($0.baseAddress.unsafelyUnwrapped, $0.count) }
        }
        detours.removeLast(detours.count - frame.firstDetour)
    }

    static func invalid(_ message: String, _ value: Any = ()) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: message))
    }
}
