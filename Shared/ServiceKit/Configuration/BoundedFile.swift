import Glibc

/// A small file, read whole through one descriptor, so that the mode examined is the mode of the bytes returned.
struct BoundedFile {
    var bytes: [UInt8]
    var mode: mode_t

    struct Problem: Error {
        let text: String
    }

    static func read(_ path: String, limitBytes: Int) throws(Problem) -> BoundedFile {
        // O_NONBLOCK keeps a named pipe from holding up the start; regular files ignore it.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Problem(text: "names \(path), which cannot be opened: \(lastError())") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(text: "names \(path), which is not a regular file")
        }
        var bytes = [UInt8](repeating: 0, count: limitBytes + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                throw Problem(text: "names \(path), which cannot be read: \(lastError())")
            }
            count += got
        }
        guard count <= limitBytes else {
            throw Problem(text: "names \(path), which is larger than \(limitBytes) bytes")
        }
        bytes.removeSubrange(count...)
        return BoundedFile(bytes: bytes, mode: status.st_mode)
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
