import NIOCore
import NIOHTTPTypes

/// Ends connections that keep us waiting, so that slow ones cannot use up all there are: 10 s for the first header,
/// 15 s for a body, 60 s of silence between requests, 30 s for a reader that takes nothing more.
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits: Sendable {
        var firstHead: TimeAmount = .seconds(10)
        var body: TimeAmount = .seconds(15)
        var idle: TimeAmount = .seconds(60)
        var stalledReader: TimeAmount = .seconds(30)
    }

    private let limits: Limits
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    /// Requests begun and not yet answered to the end.
    private var open = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { expectReading(context, limits.firstHead) }
    }

    func channelActive(context: ChannelHandlerContext) {
        expectReading(context, limits.firstHead)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            open += 1
            expectReading(context, limits.body)
        case .body: break
        case .end:
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            open -= 1
            if open <= 0, reading == nil { expectReading(context, limits.idle) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing = context.channel.isWritable ? nil : close(context, after: limits.stalledReader)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context _: ChannelHandlerContext) { cancel() }

    private func cancel() {
        reading?.cancel()
        writing?.cancel()
    }

    private func expectReading(_ context: ChannelHandlerContext, _ limit: TimeAmount) {
        reading?.cancel()
        reading = close(context, after: limit)
    }

    private func close(_ context: ChannelHandlerContext, after limit: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }
}
