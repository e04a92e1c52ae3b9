// SPDX-License-Identifier: Apache-2.0
import Logging
import NIOCore

/// Keeps a server listening when an accept fails, most likely for want of descriptors: the error would end it otherwise.
///
/// Connections wait in the kernel meanwhile. Without a pause the loop would find them waiting again and again.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let pause = TimeAmount.milliseconds(100)

    private let logger: Logger
    /// Since when nothing can be accepted.
    private var failing: NIODeadline?
    private var isPausing = false

    init(logger: Logger) { self.logger = logger }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let since = failing {
            failing = nil
            let milliseconds = (NIODeadline.now() - since).nanoseconds / 1_000_000
            logger.notice("connections are accepted again", metadata: ["after ms": "\(milliseconds)"])
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failing == nil {
            failing = .now()
            logger.error(
                "cannot accept connections, which wait: the limit of open files may be too low (LimitNOFILE=)",
                metadata: ["error": "\(error)"])
        }
        guard !isPausing else { return }
        isPausing = true
        let channel = context.channel
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        channel.setOption(.autoRead, value: false).whenComplete { _ in
            channel.eventLoop.scheduleTask(in: Self.pause) {
                handler.value.isPausing = false
                _ = channel.setOption(.autoRead, value: true)
            }
        }
    }
}
