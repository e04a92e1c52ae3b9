// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import NIOCore
import NIOHTTP1

/// The end of a connection's pipeline: takes one request after the other, has it answered, and sends the answer.
///
/// From the event loop a request goes to the thread where it is done, and its answer back: to no third one, as what wakes
/// a thread costs as much as a good part of a request.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case idle
        /// What comes still belongs to a request that is answered, or will be, without it.
        case refused(RequestHead, APIError)
        case arriving(RequestHead, ByteBuffer)
        case answering
    }

    private let peer: ControlPeer
    private let responder: Responder
    private let connections: Connections
    private var phase = Phase.idle
    /// The connection ends with the next answer, or with none where none is due: the client sends nothing more, or nothing
    /// that could be told from what it has sent.
    private var isLast = false

    init(peer: ControlPeer, responder: Responder, connections: Connections) {
        self.peer = peer
        self.responder = responder
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(RequestHead(head), context)
        case .body(let piece): add(piece)
        case .end: end(context)
        }
    }

    private func begin(_ head: RequestHead, _ context: ChannelHandlerContext) {
        let waits = head.http.headers["expect"].contains { $0.lowercased() == "100-continue" }
        guard let refusal = responder.refusal(of: head, from: peer) else {
            phase = .arriving(head, ByteBuffer())
            guard waits else { return }
            let `continue` = HTTPResponseHead(version: head.http.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(`continue`)), promise: nil)
            return
        }
        guard waits else {
            phase = .refused(head, refusal)
            return
        }
        // A body that does not come now would be taken for the next request.
        isLast = true
        send(responder.respond(to: head, with: refusal, from: peer), to: head, context)
    }

    private func add(_ piece: ByteBuffer) {
        guard case .arriving(let head, var body) = phase else { return }
        // Nobody else may hold it: adding would copy it.
        phase = .idle
        if let refusal = responder.refusal(of: head, withBody: body.readableBytes + piece.readableBytes) {
            phase = .refused(head, refusal)
        } else {
            body.writeImmutableBuffer(piece)
            phase = .arriving(head, body)
        }
    }

    private func end(_ context: ChannelHandlerContext) {
        switch phase {
        case .idle, .answering: break
        case .refused(let head, let refusal):
            send(responder.respond(to: head, with: refusal, from: peer), to: head, context)
        case .arriving(let head, let body):
            phase = .answering
            let channel = context.channel
            let place = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            connections.begin { [responder, peer] in
                let response = await responder.respond(
                    to: head, with: body, from: peer, connectionEnd: channel.closeFuture)
                channel.eventLoop.execute {
                    let (handler, context) = place.value
                    if channel.isActive { handler.send(response, to: head, context) }
                }
            }
        }
    }

    private func send(_ response: APIResponse, to head: RequestHead, _ context: ChannelHandlerContext) {
        phase = .idle
        isLast = isLast || !head.http.isKeepAlive
        let answer = HTTPResponseHead(
            version: head.http.version, status: HTTPResponseStatus(statusCode: response.status),
            headers: [
                "Content-Type": "application/x-amz-json-1.1", "Content-Length": "\(response.body.count)",
                "x-amzn-RequestId": head.id, "Connection": isLast ? "close" : "keep-alive",
            ])
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if isLast { end.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is IdleStateHandler.IdleStateEvent:
            // A request may take its time: who waits for the answer is silent, too.
            if case .answering = phase { return }
            context.close(promise: nil)
        case ChannelEvent.inputClosed:
            isLast = true
            if case .answering = phase { return }
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        responder.logger.debug("a connection is over", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }
}
