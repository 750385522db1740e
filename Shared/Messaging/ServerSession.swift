import CZeroMQ
import Glibc

/// What one peer has in flight over all its connections: more of them give it no larger share.
final class PeerAccount: @unchecked Sendable {
    let peer: Peer
    var inFlight = 0

    init(_ peer: Peer) { self.peer = peer }
}

/// What a server remembers of one connection, by libzmq's own routing id. The reactor thread's own.
final class ServerSession: @unchecked Sendable {
    let routingID: UInt32
    let account: PeerAccount
    let key: CurveKey?
    var peer: Peer { account.peer }
    /// The User-Id as libzmq gives it, to compare each message's with.
    private let userID: UnsafeMutablePointer<CChar>
    var inFlight = 0
    var malformed = 0
    /// Told BYE: whatever comes is dropped unread.
    var isBanned = false
    var listens = false
    var takesPackets = false
    /// It has seen that the server drains, and sends no more.
    var hasLeft = false
    var lastHeard: Moment

    init?(routingID: UInt32, userID: UnsafePointer<CChar>, account: PeerAccount, key: CurveKey?, at now: Moment) {
        guard let copy = strdup(userID) else { return nil }
        self.routingID = routingID
        self.account = account
        self.key = key
        self.userID = copy
        lastHeard = now
    }

    deinit { free(userID) }

    func isSentBy(_ userID: UnsafePointer<CChar>) -> Bool { strcmp(self.userID, userID) == 0 }
}
