import Domain
import CZeroMQ
import Glibc
import Logging
import Synchronization

/// The client's half that lives on the reactor's thread: one DEALER per server (one DEALER over many would go on
/// feeding a dead one), the call table, and the timers. All of it but `published` is that thread's own.
final class ClientCore: Resident, @unchecked Sendable {
    static let maxBodyBytesInFlight = 64 << 20
    static let maxAddresses = 256
    private static let patience: Int64 = 1000
    /// How soon a call that met only full queues tries again.
    private static let fullRetry: Int64 = 5
    /// While calls are outstanding, how often their connections are looked at. Less than libzmq's shortest wait before
    /// reconnecting (100 ms), so that no loss is hidden by a new connection.
    private static let linkCheck: Int64 = 50
    /// Not more to one server, which takes half as many from one peer: a stalled one gets no more.
    private static let maxOutstanding = 1000
    /// Below this many outstanding a full queue (1 000) cannot be the reason for not being writable.
    private static let surelyNotFull = 500
    private static let maxTurnedAway = 16

    private final class Link {
        let address: ServerAddress
        let id: PeerPool.ID
        var socket: Socket?
        /// It said so on this connection.
        var takesPackets = false
        var lastHeard = Moment(nanoseconds: 0)
        /// A packet could not leave: the connection broke, even if there is a new one by now.
        var isBroken = false
        init(_ address: ServerAddress, _ id: PeerPool.ID) { (self.address, self.id) = (address, id) }
    }

    struct Published { var peers: [PeerStatus] = []; var stats = ClientStats() }

    let reactor: Reactor
    let published = Mutex(Published())
    private let service: String
    private let keys: CurveKeyPair
    private let listens: Bool
    private let logger: Logger
    private let onBell: (@Sendable ([UInt8]) -> Void)?

    private var isClosed = false
    private var pool = PeerPool()
    private var links: [PeerPool.ID: Link] = [:]
    private var table = CallTable()
    private var bodyBytes = 0
    private var budget = RetryBudget()
    private var random: SplitMix64
    private let reader = MessageReader(isRouter: false)
    private let writer = MessageWriter()
    private var nextScan = Moment.never
    private var nextLinkCheck = Moment.never
    private var nextBeat = Moment.never
    private var stats = ClientStats()

    init(
        reactor: Reactor, service: String, keys: CurveKeyPair, listens: Bool, logger: Logger,
        onBell: (@Sendable ([UInt8]) -> Void)?
    ) {
        self.reactor = reactor
        self.service = service
        self.keys = keys
        self.listens = listens
        self.logger = logger
        self.onBell = onBell
        var system = SystemRandomNumberGenerator()
        random = SplitMix64(seed: system.next())
    }

    // MARK: Life

    func open(_ addresses: [ServerAddress]) {
        guard !isClosed else { return }
        reactor.join(self)
        update(addresses)
    }

    func update(_ addresses: [ServerAddress]) {
        guard !isClosed else { return }
        let wanted = Set(addresses.filter { $0.endpoint.hasPrefix("tcp://") }.prefix(Self.maxAddresses))
        if wanted.count < Set(addresses).count {
            logger.error("addresses left out: not tcp://, or more than \(Self.maxAddresses)",
                         metadata: ["service": "\(service)"])
        }
        let now = Moment.now()
        for (id, link) in links where !wanted.contains(link.address) && !pool.isRetired(id) {
            pool.retire(id)
            dropIfIdle(id)
        }
        let present = Set(links.filter { !pool.isRetired($0.key) }.map(\.value.address))
        for address in wanted.subtracting(present) {
            let id = pool.add(at: now)
            let link = Link(address, id)
            links[id] = link
            connect(link)
        }
        refreshTimers(publishing: true)
    }

    func close() {
        guard !isClosed else { return }
        for link in links.values {
            writer.begin(.bye)
            _ = link.socket?.send(writer.head)
            if let socket = link.socket { reactor.close(socket) }
        }
        reactorCloses()
        reactor.leave(self)
    }

    func reactorCloses() {
        isClosed = true
        for index in table.slots.indices { finish(index, .failure(.closed)) }
        links = [:]
        pool = PeerPool()
        (nextScan, nextLinkCheck, nextBeat) = (.never, .never, .never)
        publish()
    }

    private func connect(_ link: Link) {
        do throws(SetupError) {
            let socket = try reactor.makeSocket(ZMQ_DEALER, for: self)
            do throws(SetupError) {
                try socket.setTransport(ipv6: link.address.endpoint.contains("["))
                try socket.setClient(keys: keys, serverKey: link.address.serverKey)
                try socket.connect(link.address.endpoint)
            } catch {
                socket.close()
                throw error
            }
            socket.wantsWrite = true
            socket.tag = link.id
            link.socket = socket
            reactor.watch(socket)
        } catch {
            // The heartbeats will be missed and the next rebuild tries again.
            logger.error("a server cannot be connected to", metadata: [
                "service": "\(service)", "endpoint": "\(link.address.endpoint)", "reason": "\(error)",
            ])
        }
    }

    private func dropIfIdle(_ id: PeerPool.ID) {
        guard let link = links[id], pool.isRetired(id), pool.outstanding(id) == 0 else { return }
        if let socket = link.socket { reactor.close(socket) }
        links[id] = nil
        pool.remove(id)
    }

    // MARK: Calls

    func begin(_ call: PendingCall) {
        guard !isClosed, !reactor.isShutDown else { return call.finish(.failure(.closed)) }
        guard bodyBytes + call.request.body.count <= Self.maxBodyBytesInFlight, let index = table.insert(call) else {
            return call.finish(.failure(.busy))
        }
        bodyBytes += call.request.body.count
        stats.calls &+= 1
        budget.earn()
        dispatch(index)
    }

    func abandon(_ call: PendingCall) {
        if call.slot >= 0 { finish(call.slot, .failure(.cancelled)) }
    }

    /// Sends the call to a server that is up, or lets it wait.
    private func dispatch(_ index: Int) {
        guard let call = table.slots[index].call else { return }
        let now = Moment.now()
        guard now < call.deadline else { return fail(index, .unavailable(service)) }
        var avoided = table.slots[index].avoided
        for _ in 0..<2 {
            guard let id = pool.pick(excluding: avoided, using: &random) else { break }
            switch transmit(call, index, to: id, at: now) {
            case .sent:
                table.slots[index].phase = .sent
                table.slots[index].peer = id
                call.patience = nil
                schedule(index, call.deadline)
                if pool.outstanding(id) == 0, nextLinkCheck == .never {
                    nextLinkCheck = now.adding(milliseconds: Self.linkCheck)
                }
                pool.sent(id)
                return
            case .full, .unreachable: avoided = id
            case nil: return finish(index, .failure(.tooLarge))
            }
        }
        wait(index, call, at: now)
    }

    private func wait(_ index: Int, _ call: PendingCall, at now: Moment) {
        let until = call.patience ?? min(call.deadline, now.adding(milliseconds: Self.patience))
        guard now < until else { return fail(index, pool.hasUsable ? .busy : .unavailable(service)) }
        call.patience = until
        table.slots[index].phase = .waiting
        table.slots[index].peer = nil
        // With a server up, its queue is full or it is the one to avoid: soon look again. Else `usable` wakes us.
        schedule(index, pool.hasUsable ? min(until, now.adding(milliseconds: Self.fullRetry)) : until)
    }

    /// `nil` if the header does not fit.
    private func transmit(_ call: PendingCall, _ index: Int, to id: PeerPool.ID, at now: Moment) -> Socket.Sent? {
        guard let link = links[id], let socket = link.socket else { return .unreachable }
        guard pool.outstanding(id) < Self.maxOutstanding else { return .full }
        // After a longer silence it may be a new connection, to a server of another build.
        if link.lastHeard < now.adding(milliseconds: -Self.linkCheck) { link.takesPackets = false }
        let request = call.request
        writer.begin(.request)
        writer.put(.requestID, table.requestID(index))
        writer.put(.method, request.method)
        if let key = request.key { writer.put(.key, key) }
        writer.put(.deadline, UInt32(clamping: call.deadline.milliseconds(after: now)))
        if !request.subject.isEmpty { request.subject.withUnsafeBytes { writer.put(.subject, $0) } }
        writer.put(.traceparent, request.traceparent)
        return writer.overflowed ? nil : socket.send(writer.head, body: request.body, packed: link.takesPackets)
    }

    private func schedule(_ index: Int, _ due: Moment) {
        table.slots[index].due = due
        if due < nextScan { nextScan = due }
    }

    /// Not sent, or sent and turned away, unless an earlier attempt was lost: then nobody knows.
    private func fail(_ index: Int, _ error: MessagingError) {
        let isUnknown = (table.slots[index].call?.attemptsLost ?? 0) > 0
        finish(index, .failure(isUnknown && !error.outcomeUnknown ? .lost(service) : error))
    }

    private func finish(_ index: Int, _ outcome: PendingCall.Outcome) {
        let peer = table.slots[index].peer
        guard let call = table.remove(index) else { return }
        bodyBytes -= call.request.body.count
        if let peer { settle(peer) }
        call.finish(outcome)
    }

    func unsent(_ messages: Int, on socket: Socket, to routingID: UInt32?, _ outcome: Socket.Sent) {
        links[socket.tag]?.isBroken = true
        nextLinkCheck = .now()
    }

    private func settle(_ id: PeerPool.ID) {
        pool.settled(id)
        if pool.isRetired(id) { dropIfIdle(id) }
    }

    /// Once more elsewhere, if that is allowed; false if not.
    private func retry(_ index: Int, at now: Moment) -> Bool {
        guard let call = table.slots[index].call, now < call.deadline, budget.spend() else { return false }
        stats.retries &+= 1
        table.slots[index].phase = .waiting
        table.slots[index].avoided = table.slots[index].peer
        table.slots[index].peer = nil
        schedule(index, min(call.deadline, now.adding(milliseconds: 1 + Int64(random.next() % 20))))
        return true
    }

    // MARK: Peers

    private func apply(_ effects: [PeerState.Effect], to id: PeerPool.ID, at now: Moment) {
        guard !effects.isEmpty else { return }
        for effect in effects {
            guard let link = links[id] else { break }
            switch effect {
            case .watchWritable:
                link.takesPackets = false
                link.socket?.wantsWrite = true
            case .ping: ping(link, pool.state(id)?.phase == .draining || pool.isRetired(id) ? .leaving : [])
            case .leave: ping(link, .leaving)
            case .usable: dispatchWaiting(for: id)
            case .suspected: moveOutstanding(of: id, at: now)
            case .lost: loseOutstanding(of: id, at: now)
            case .close:
                if let socket = link.socket { reactor.close(socket) }
                link.socket = nil
            case .open: connect(link)
            }
        }
        refreshTimers(publishing: true)
    }

    private func ping(_ link: Link, _ flags: HeaderFlags) {
        writer.begin(.ping)
        writer.put(.flags, flags.union(listens ? [.packets, .listens] : .packets).rawValue)
        // A full or broken connection shows as a missed beat.
        _ = link.socket?.send(writer.head)
    }

    private func dispatchWaiting(for id: PeerPool.ID) {
        for index in table.slots.indices where table.slots[index].phase == .waiting {
            // A server that has come back is a different one from that which was lost.
            if table.slots[index].avoided == id { table.slots[index].avoided = nil }
            dispatch(index)
        }
    }

    /// A heartbeat was missed: what may be repeated need not wait for two more. The first answer counts.
    private func moveOutstanding(of id: PeerPool.ID, at now: Moment) {
        guard pool.hasUsable else { return }
        for index in table.slots.indices where table.slots[index].peer == id {
            guard let call = table.slots[index].call, call.request.isRetryable, retry(index, at: now) else { continue }
            call.attemptsLost += 1
            pool.settled(id)
        }
    }

    private func loseOutstanding(of id: PeerPool.ID, at now: Moment) {
        for index in table.slots.indices where table.slots[index].peer == id {
            guard let call = table.slots[index].call else { continue }
            call.attemptsLost += 1
            if call.request.isRetryable, retry(index, at: now) {
                pool.settled(id)
            } else {
                finish(index, .failure(.lost(service)))
            }
        }
        dropIfIdle(id)
    }

    // MARK: Reading

    func ready(_ socket: Socket, at now: Moment) -> Bool {
        let id = socket.tag
        guard let link = links[id], link.socket === socket else { return false }
        if socket.wantsWrite, socket.isWritable {
            socket.wantsWrite = false
            apply(pool.step(id, .writable, at: now), to: id, at: now)
        }
        var frames = Reactor.framesPerTurn
        for _ in 0..<Reactor.messagesPerTurn {
            guard link.socket === socket, socket.isOpen else { return false }
            switch reader.next(from: socket.handle, budget: &frames) {
            case .message: receive(from: link, &frames, at: now)
            case .multipart: stats.malformed &+= 1
            case .empty: return false
            case .paused: return true
            }
        }
        return true
    }

    private func receive(from link: Link, _ frames: inout Int, at now: Moment) {
        link.lastHeard = now
        do throws(MalformedKind) {
            let message = try MessageView(reader.frame)
            guard message.kind == .packet else { return try take(message, from: link, at: now) }
            var packet = PacketView(message)
            while let answer = try packet.next() {
                frames -= PacketView.cost
                guard answer.kind == .reply || answer.kind == .busy else { throw .kind }
                try take(answer, from: link, at: now)
            }
        } catch {
            stats.malformed &+= 1
        }
    }

    private func take(_ message: MessageView, from link: Link, at now: Moment) throws(MalformedKind) {
        let view = message.header
        switch message.kind {
        case .reply: reply(view, message.body)
        case .busy: busy(view, from: link.id, at: now)
        case .pong:
            link.takesPackets = view.flags.contains(.packets)
            let input = PeerState.Input.pong(load: view.load, draining: view.flags.contains(.draining))
            apply(pool.step(link.id, input, at: now), to: link.id, at: now)
        case .bell: if message.body.count <= Wire.maxBellBytes { onBell?(Array(message.body)) }
        case .bye: apply(pool.step(link.id, .bye, at: now), to: link.id, at: now)
        case .request, .ping, .packet: throw .kind
        }
    }

    private func reply(_ view: HeaderView, _ body: UnsafeRawBufferPointer) {
        guard let requestID = view.requestID, let index = table.find(requestID) else {
            stats.lateReplies &+= 1
            return
        }
        finish(index, view.status == Wire.statusReplyTooLarge
            ? .failure(.tooLarge) : .success(Reply(status: view.status, body: Array(body))))
    }

    /// Turned away unrun, so any request may go elsewhere; only overload costs a retry.
    private func busy(_ view: HeaderView, from id: PeerPool.ID, at now: Moment) {
        let isDraining = view.flags.contains(.draining)
        if isDraining { apply(pool.step(id, .drains, at: now), to: id, at: now) }
        guard let requestID = view.requestID, let index = table.find(requestID), table.slots[index].peer == id,
              let call = table.slots[index].call
        else { return }
        if isDraining, call.turnedAway < Self.maxTurnedAway {
            call.turnedAway += 1
            table.slots[index].peer = nil
            settle(id)
            return dispatch(index)
        }
        if pool.pick(excluding: id, using: &random) != nil, retry(index, at: now) { return settle(id) }
        fail(index, .busy)
    }

    // MARK: Timers

    var due: Moment { min(nextScan, nextLinkCheck, nextBeat) }

    func tick(at now: Moment) {
        if nextLinkCheck <= now || nextBeat <= now { checkLinks(at: now) }
        if nextBeat <= now {
            for id in pool.ids { apply(pool.step(id, .beat, at: now), to: id, at: now) }
            refreshTimers(publishing: true)
        }
        if nextScan <= now { scan(at: now) }
    }

    /// Deadlines and retries. The earliest due is an estimate from below: with calls that are answered it is met about
    /// once per deadline, and never more often than each millisecond.
    private func scan(at now: Moment) {
        nextScan = .never
        var earliest = Moment.never
        for index in table.slots.indices where table.slots[index].phase != .free {
            if table.slots[index].due <= now { expire(index, at: now) }
            if table.slots[index].phase != .free { earliest = min(earliest, table.slots[index].due) }
        }
        nextScan = min(nextScan, earliest)
        if nextScan != .never { nextScan = max(nextScan, now.adding(milliseconds: 1)) }
    }

    private func expire(_ index: Int, at now: Moment) {
        switch table.slots[index].phase {
        case .sent: finish(index, .failure(.timeout))
        case .waiting: dispatch(index)
        case .free: break
        }
    }

    /// With IMMEDIATE a connection that broke leaves its socket unwritable; we need not wait for missed heartbeats.
    private func checkLinks(at now: Moment) {
        nextLinkCheck = .never
        for id in pool.ids {
            let outstanding = pool.outstanding(id)
            if outstanding > 0 { nextLinkCheck = now.adding(milliseconds: Self.linkCheck) }
            guard let link = links[id], let socket = link.socket,
                  link.isBroken || (outstanding < Self.surelyNotFull && !socket.wantsWrite && !socket.isWritable)
            else { continue }
            link.isBroken = false
            apply(pool.step(id, .disconnected, at: now), to: id, at: now)
        }
    }

    private func refreshTimers(publishing: Bool) {
        nextBeat = pool.nextBeat
        if publishing { publish() }
    }

    private func publish() {
        stats.inFlight = table.count
        let peers = links.sorted { $0.key < $1.key }.map { id, link in
            PeerStatus(endpoint: link.address.endpoint, phase: pool.state(id)?.phase ?? .down,
                       outstanding: pool.outstanding(id), load: pool.state(id)?.load ?? 0)
        }
        published.withLock { $0 = Published(peers: peers, stats: stats) }
    }
}
