// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOHTTP1

/// Cuts off a client that is too slow to send its request, or to take its answer.
///
/// It counts on the connection's own event loop, which runs anyway when something comes or goes: nobody is woken to begin
/// or to end the counting.
final class TransferLimit: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limit: TimeAmount
    /// Of the request that comes in, and of the answer that goes out: the next request may come meanwhile.
    private var arrival: Scheduled<Void>?
    private var departure: Scheduled<Void>?

    init(_ limit: Duration) { self.limit = TimeAmount(limit) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: arrival = closing(context, instead: arrival)
        case .body: break
        case .end: arrival?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 200:
            departure = closing(context, instead: departure)
        case .head, .body: break
        case .end:
            let promise = promise ?? context.eventLoop.makePromise()
            promise.futureResult.assumeIsolated().whenComplete { _ in self.departure?.cancel() }
            return context.write(data, promise: promise)
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        arrival?.cancel()
        departure?.cancel()
    }

    private func closing(_ context: ChannelHandlerContext, instead earlier: Scheduled<Void>?) -> Scheduled<Void> {
        earlier?.cancel()
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }
}
