import CZeroMQ
import Glibc
import Logging
import Synchronization

/// The server's half that lives on the reactor's thread. Everything mutable here is that thread's own, except the
/// bell rope, which has its lock.
final class ServerCore: Resident, @unchecked Sendable {
    static let maxSessions = 4096
    static let maxBodyBytesInFlight = 64 << 20
    static let malformedBeforeBye = 3
    static let addressInUse = String(cString: strerror(EADDRINUSE))
    private static let maxBellsWaiting = 64
    private static let bellSpacingMilliseconds: Int64 = 1
    /// A caller pings every second: silent for this long, it is gone.
    private static let sessionSilence: Int64 = 10_000
    private static let liveSilence: Int64 = 4_000
    private static let drainPatience: Int64 = 2_000
    /// Between the last answer and the end: when a connection ends, libzmq throws away what its other end has not read yet.
    private static let readingTime: Int64 = 50

    let reactor: Reactor
    let door: Door
    let counters = ServerCounters()
    let maxInFlight: Int
    let placement: HandlerPlacement
    let handler: @Sendable (IncomingRequest) async -> OutgoingReply
    private let endpoint: String
    private let keys: CurveKeyPair
    private let logger: Logger

    private var socket: Socket?
    private let reader = MessageReader(isRouter: true)
    private let writer = MessageWriter()
    private(set) var sessions: [UInt32: ServerSession] = [:]
    private var accounts: [Peer: PeerAccount] = [:]
    private var inFlight = 0
    private var bodyBytesInFlight = 0
    private var isDraining = false
    private(set) var hasDrained = false
    private var drainDeadline = Moment.never
    private var drainWaiters: [() -> Void] = []
    private var nextSweep = Moment.never

    private struct BellRope { var waiting: [[UInt8]] = []; var posted = false }
    private let rope = Mutex(BellRope())
    private var bellDue = Moment.never
    private var lastBell = Moment(nanoseconds: 0)
    private var probeRunning: AdmissionProbe?

    init(
        reactor: Reactor, endpoint: String, keys: CurveKeyPair, allow: AllowList, maxInFlight: Int,
        placement: HandlerPlacement, logger: Logger,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingReply
    ) {
        self.reactor = reactor
        self.endpoint = endpoint
        self.keys = keys
        self.maxInFlight = maxInFlight
        self.placement = placement
        self.logger = logger
        self.handler = handler
        door = Door(allow: allow)
    }

    // MARK: Life

    func open() -> Result<String, SetupError> {
        guard socket == nil else { return .failure(.address("\(endpoint): already started")) }
        guard endpoint.hasPrefix("tcp://") else { return .failure(.address("\(endpoint): only tcp:// is served")) }
        do throws(SetupError) {
            let socket = try reactor.makeSocket(ZMQ_ROUTER, for: self)
            do throws(SetupError) {
                try reactor.open(door)
                try socket.setTransport(ipv6: endpoint.contains("["))
                try socket.setServer(keys: keys, domain: door.domain, enforced: reactor.answersZAP)
                try socket.bind(endpoint)
            } catch {
                socket.close()
                reactor.close(door)
                throw error
            }
            self.socket = socket
            reactor.watch(socket)
            reactor.join(self)
            nextSweep = Moment.now().adding(milliseconds: 1000)
            isDraining = false
            hasDrained = false
            return .success(socket.lastEndpoint)
        } catch {
            return .failure(error)
        }
    }

    func probe(_ bound: String, _ done: @escaping (AdmissionProbe.Verdict) -> Void) {
        let key = keys.publicKey
        let probe = AdmissionProbe(reactor: reactor, door: door, endpoint: bound, serverKey: key) { verdict in
            self.probeRunning = nil
            for session in self.sessions.values where session.peer == AdmissionProbe.guest { self.forget(session) }
            done(verdict)
        }
        probeRunning = probe
        probe.begin()
    }

    func close(lingerMilliseconds: Int32) {
        guard let socket else { return }
        for session in sessions.values { bye(session) }
        try? socket.set(ZMQ_LINGER, lingerMilliseconds)
        reactor.close(socket)
        reactorCloses()
        reactor.close(door)
        reactor.leave(self)
    }

    func reactorCloses() {
        socket = nil
        sessions = [:]
        counters.sessions.store(0, ordering: .relaxed)
        bellDue = .never
        finishDrain()
    }

    func update(_ allow: AllowList) {
        door.allow = allow
        for session in sessions.values where !session.isBanned {
            guard let key = session.key, door.peer(for: key) == session.peer else { ban(session); continue }
        }
    }

    // MARK: Reading

    func ready(_ socket: Socket, at now: Moment) -> Bool {
        var frames = Reactor.framesPerTurn
        for _ in 0..<Reactor.messagesPerTurn {
            // A handler that runs in this very turn may end the server.
            guard socket.isOpen else { return false }
            switch reader.next(from: socket.handle, budget: &frames) {
            case .message: receive(isWhole: true, &frames, at: now)
            case .multipart: receive(isWhole: false, &frames, at: now)
            case .empty: return false
            case .paused: return true
            }
        }
        return true
    }

    private func receive(isWhole: Bool, _ frames: inout Int, at now: Moment) {
        guard let id = RoutingID.parse(reader.routingID) else { counters.count(.routingID); return }
        guard let userID = reader.property("User-Id") else { counters.count(.identity); return }
        guard let session = session(id, userID, at: now) else { return }
        guard session.isSentBy(userID) else { counters.count(.identity); return }
        session.lastHeard = now
        if session.isBanned { counters.ignored.bump(); return }
        do throws(MalformedKind) {
            guard isWhole else { throw .frames }
            let message = try MessageView(reader.frame)
            switch message.kind {
            case .request: try request(message, session)
            case .packet: try requests(PacketView(message), session, &frames)
            case .ping: ping(message.header, session)
            case .bye: forget(session)
            case .reply, .pong, .busy, .bell: throw .kind
            }
        } catch {
            malformed(error, session)
        }
    }

    private func requests(
        _ packet: PacketView, _ session: ServerSession, _ frames: inout Int
    ) throws(MalformedKind) {
        var packet = packet
        while let message = try packet.next() {
            // The handler of the one before may have ended the server.
            guard socket != nil else { return }
            frames -= PacketView.cost
            guard message.kind == .request else { throw .kind }
            try request(message, session)
        }
    }

    private func session(_ id: UInt32, _ userID: UnsafePointer<CChar>, at now: Moment) -> ServerSession? {
        if let known = sessions[id] { return known }
        guard sessions.count < Self.maxSessions else { counters.ignored.bump(); return nil }
        let key = reader.property(Doorkeeper.keyProperty).flatMap { CurveKey(z85: String(cString: $0)) }
        guard let peer = Peer(userID: String(cString: userID)), let session = ServerSession(
            routingID: id, userID: userID, account: account(of: peer), key: key, at: now)
        else {
            counters.count(.identity)
            return nil
        }
        // A connection outlives its session, and the list may have changed since the handshake. (The guest's last words
        // come when its key is off the list.)
        if let key, door.peer(for: key) != peer {
            if peer != AdmissionProbe.guest { counters.ignored.bump() }
            return nil
        }
        sessions[id] = session
        counters.sessions.store(sessions.count, ordering: .relaxed)
        return session
    }

    /// Not more of them than keys were ever on the allow-list.
    private func account(of peer: Peer) -> PeerAccount {
        if let known = accounts[peer] { return known }
        let account = PeerAccount(peer)
        accounts[peer] = account
        return account
    }

    private func forget(_ session: ServerSession) {
        lose(session.routingID)
        if isDraining { checkDrain(at: .now()) }
    }

    private func malformed(_ kind: MalformedKind, _ session: ServerSession) {
        counters.count(kind)
        session.malformed += 1
        if session.malformed >= Self.malformedBeforeBye { ban(session) }
    }

    private func ban(_ session: ServerSession) {
        session.isBanned = true
        session.listens = false
        bye(session)
        logger.warning("a peer was told BYE",
                       metadata: ["peer": "\(session.peer)", "malformed": "\(session.malformed)"])
    }

    // MARK: Work

    private func request(_ message: MessageView, _ session: ServerSession) throws(MalformedKind) {
        let view = message.header, body = message.body
        guard let requestID = view.requestID, let method = HeaderView.text(view.method), !method.isEmpty,
              let key = HeaderView.text(view.key), let traceparent = HeaderView.text(view.traceparent)
        else { throw .header }
        if isDraining {
            counters.drained.bump()
            return refuse(requestID, .draining, session)
        }
        guard inFlight < maxInFlight, session.account.inFlight < max(1, maxInFlight / 2),
              bodyBytesInFlight + body.count <= Self.maxBodyBytesInFlight
        else {
            counters.busy.bump()
            return refuse(requestID, [], session)
        }
        guard view.deadline > 0 else { counters.expired.bump(); return }
        let request = IncomingRequest(
            peer: session.peer, method: method, key: key, deadline: .now + .milliseconds(Int64(view.deadline)),
            subject: Array(view.subject), traceparent: traceparent, body: Array(body))
        begin(session, bodyBytes: body.count)
        let bytes = body.count
        switch placement {
        case .reactor:
            // Runs here and now until its first suspension; its continuations come back to this thread.
            Task.immediate(executorPreference: reactor) { [self] in
                let reply = await handler(request)
                finish(requestID, session, bytes, reply)
            }
        case .pool:
            Task { [self] in
                // The wait for a pool thread counts: work nobody waits for any more is not begun.
                let reply = request.deadline > .now ? await handler(request) : nil
                reactor.post(Errand { [self] in finish(requestID, session, bytes, reply) })
            }
        }
    }

    private func begin(_ session: ServerSession, bodyBytes: Int) {
        counters.accepted.bump()
        inFlight += 1
        session.inFlight += 1
        session.account.inFlight += 1
        bodyBytesInFlight += bodyBytes
        counters.inFlight.store(inFlight, ordering: .relaxed)
    }

    /// On the reactor's thread, by the task's preference or by parcel.
    private func finish(_ requestID: UInt64, _ session: ServerSession, _ bodyBytes: Int, _ reply: OutgoingReply?) {
        inFlight -= 1
        session.inFlight -= 1
        session.account.inFlight -= 1
        bodyBytesInFlight -= bodyBytes
        counters.inFlight.store(inFlight, ordering: .relaxed)
        if let reply {
            let fits = reply.body.count <= Wire.maxBodyBytes
            writer.begin(.reply)
            writer.put(.requestID, requestID)
            writer.put(.status, fits ? reply.status : Wire.statusReplyTooLarge)
            answer(fits ? reply.body : [], session)
        } else {
            counters.accepted.bump(-1)
            counters.expired.bump()
        }
        if isDraining { checkDrain(at: .now()) }
    }

    private func refuse(_ requestID: UInt64, _ flags: HeaderFlags, _ session: ServerSession) {
        writer.begin(.busy)
        writer.put(.requestID, requestID)
        writer.put(.flags, flags.rawValue)
        answer([], session)
    }

    /// What the writer holds, and `body`, to a request.
    private func answer(_ body: [UInt8], _ session: ServerSession) {
        if !send(body, to: session, packed: session.takesPackets) { counters.repliesLost.bump() }
    }

    private func ping(_ view: HeaderView, _ session: ServerSession) {
        session.listens = view.flags.contains(.listens)
        session.hasLeft = view.flags.contains(.leaving)
        session.takesPackets = view.flags.contains(.packets)
        let requestID = view.requestID ?? 0
        // The answer takes the way that work takes, so that it is late when work is late.
        switch placement {
        case .reactor: reactor.post(Errand { [self] in pong(requestID, session) })
        case .pool: Task { [self] in reactor.post(Errand { [self] in pong(requestID, session) }) }
        }
        if isDraining { checkDrain(at: .now()) }
    }

    private func pong(_ requestID: UInt64, _ session: ServerSession) {
        writer.begin(.pong)
        writer.put(.requestID, requestID)
        writer.put(.load, UInt16(min(1000, inFlight * 1000 / maxInFlight)))
        writer.put(.flags, HeaderFlags.packets.union(isDraining ? .draining : []).rawValue)
        _ = send(to: session)
    }

    private func bye(_ session: ServerSession) {
        writer.begin(.bye)
        _ = send(to: session)
    }

    /// What the writer holds, and `body`.
    private func send(_ body: [UInt8] = [], to session: ServerSession, packed: Bool = false) -> Bool {
        guard let socket, socket.isOpen else { return false }
        let outcome = socket.send(to: session.routingID, writer.head, body: body, packed: packed)
        if outcome == .unreachable { lose(session.routingID) }
        return outcome == .sent
    }

    func unsent(_ messages: Int, on socket: Socket, to routingID: UInt32?, _ outcome: Socket.Sent) {
        counters.repliesLost.bump(messages)
        if outcome == .unreachable, let routingID { lose(routingID) }
        if isDraining { checkDrain(at: .now()) }
    }

    private func lose(_ routingID: UInt32) {
        sessions[routingID] = nil
        counters.sessions.store(sessions.count, ordering: .relaxed)
    }

    // MARK: Draining

    func beginDraining() {
        guard socket != nil, !isDraining else { return }
        isDraining = true
        drainDeadline = Moment.now().adding(milliseconds: Self.drainPatience)
        for session in sessions.values where !session.isBanned { pong(0, session) }
    }

    func drain(_ done: @escaping () -> Void) {
        guard socket != nil else { return done() }
        beginDraining()
        drainWaiters.append(done)
        checkDrain(at: .now())
    }

    private func checkDrain(at now: Moment) {
        guard inFlight == 0 else { return }
        let live = now.adding(milliseconds: -Self.liveSilence)
        let allLeft = sessions.values.allSatisfy { $0.hasLeft || $0.isBanned || $0.lastHeard < live }
        if allLeft { drainDeadline = min(drainDeadline, now.adding(milliseconds: Self.readingTime)) }
        guard now >= drainDeadline else { return }
        hasDrained = true
        finishDrain()
    }

    private func finishDrain() {
        let waiters = drainWaiters
        drainWaiters = []
        for waiter in waiters { waiter() }
    }

    // MARK: Bells and timers

    func ring(_ payload: [UInt8]) {
        guard payload.count <= Wire.maxBellBytes else { return }
        let first = rope.withLock { rope in
            if !rope.waiting.contains(payload) {
                if rope.waiting.count == Self.maxBellsWaiting { rope.waiting.removeFirst() }
                rope.waiting.append(payload)
            }
            defer { rope.posted = true }
            return !rope.posted
        }
        if first { reactor.perform(Errand { [self] in ringNow(at: .now()) }) }
    }

    private func ringNow(at now: Moment) {
        let next = lastBell.adding(milliseconds: Self.bellSpacingMilliseconds)
        guard now >= next else { bellDue = next; return }
        bellDue = .never
        lastBell = now
        let bells = rope.withLock { rope in
            rope.posted = false
            defer { rope.waiting = [] }
            return rope.waiting
        }
        writer.begin(.bell)
        for session in sessions.values where session.listens {
            for bell in bells where send(bell, to: session) { counters.bells.bump() }
        }
    }

    var due: Moment {
        let draining = drainWaiters.isEmpty ? Moment.never : drainDeadline
        return min(bellDue, nextSweep, inFlight == 0 ? draining : .never)
    }

    func tick(at now: Moment) {
        if bellDue <= now { ringNow(at: now) }
        if isDraining { checkDrain(at: now) }
        guard nextSweep <= now else { return }
        nextSweep = now.adding(milliseconds: 1000)
        let silent = now.adding(milliseconds: -Self.sessionSilence)
        for session in sessions.values where session.lastHeard < silent && session.inFlight == 0 {
            sessions[session.routingID] = nil
        }
        counters.sessions.store(sessions.count, ordering: .relaxed)
    }
}
