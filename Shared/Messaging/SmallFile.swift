import Glibc

/// Reads and writes the few small text files of this layer without Foundation.
enum SmallFile {
    struct Contents {
        var text: String
        var mode: mode_t
    }

    /// The whole file, or the reason why not. Larger than `limitBytes` is refused. The mode is that of the very
    /// file that was read, not of whatever the path names a moment later.
    static func read(_ path: String, limitBytes: Int) -> Result<Contents, Reason> {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(Reason("\(path): \(String(cString: strerror(errno)))")) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Reason("\(path): not a regular file"))
        }
        var bytes = [UInt8](repeating: 0, count: limitBytes + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, $0.count - count) }
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                return .failure(Reason("\(path): \(String(cString: strerror(errno)))"))
            }
            count += got
        }
        guard count <= limitBytes else { return .failure(Reason("\(path): larger than \(limitBytes) bytes")) }
        guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
            return .failure(Reason("\(path): not UTF-8"))
        }
        return .success(Contents(text: text, mode: status.st_mode))
    }

    /// A new file readable by its owner only. An existing one is left alone: a key is replaced on purpose, by hand.
    static func createPrivate(_ path: String, _ text: String) -> Result<Void, Reason> {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return .failure(Reason("\(path): \(String(cString: strerror(errno)))")) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        let wrote = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard wrote == bytes.count, fsync(file) == 0 else {
            unlink(path)
            return .failure(Reason("\(path): could not be written whole"))
        }
        return .success(())
    }

    struct Reason: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
