import Glibc
import Synchronization

/// Random bits of the system, fetched in stocks: a judgment needs eight words, and a call of the system for each took one
/// percent of its time.
enum RandomStock {
    /// 256 bytes, which the system gives whole or not at all (`getentropy(3)`).
    private static let count = 32
    private static let stock = Mutex<[UInt64]>([])

    static func next() -> UInt64 {
        stock.withLock { stock in
            if let word = stock.popLast() { return word }
            stock = Array(repeating: 0, count: count)
            let status = stock.withUnsafeMutableBytes { getentropy($0.baseAddress!, $0.count) }
            precondition(status == 0, "the system gives no random bytes")
            return stock.removeLast()
        }
    }
}
