// SPDX-License-Identifier: Apache-2.0
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Serves the control API over HTTP/1.1 on a unix socket.
package struct ControlAPIServer: Service {
    package struct Limits: Sendable {
        /// The largest request, in bytes.
        package var body = 1 << 20
        package var connections = 256
        /// How long a connection may be silent between requests and within one.
        package var idle: Duration = .seconds(60)
        /// How long one request may take to arrive, and its answer to leave.
        package var transfer: Duration = .seconds(30)
        /// How long requests under way may go on when the server is told to end.
        package var ending: Duration = .seconds(10)

        package init() {}
    }

    private let socket: ControlSocket
    private let responder: Responder
    private let limits: Limits
    private let logger: Logger

    package init(
        socket: ControlSocket, dispatcher: APIDispatcher, access: ControlAccess, limits: Limits = Limits(),
        logger: Logger
    ) {
        self.socket = socket
        self.limits = limits
        self.logger = logger
        responder = Responder(dispatcher: dispatcher, access: access, limits: limits, logger: logger)
    }

    package func run() async throws {
        let connections = Connections(limit: limits.connections)
        let sockets = ControlSockets(socket, logger: logger)
        let first = try await listen(on: socket, connections)
        defer { sockets.current.remove() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve(first, moving: sockets, connections) }
            group.addTask {
                try? await gracefulShutdown()
                // Ends early, with an error, when there is nothing left to wait for.
                if (try? await Task.sleep(for: limits.ending)) != nil {
                    logger.warning("requests under way are given up")
                }
                connections.giveUp()
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// One is enough for what a host's users ask, and no connection goes from the one that accepts it to another.
    private static let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private func listen(on socket: ControlSocket, _ connections: Connections) async throws -> any Channel {
        try await ServerBootstrap(group: Self.eventLoop)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptErrors(logger: logger))
                }
            }
            // A client may say that it is done sending, and still wait for the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in accept(channel, connections) }
            .withBoundSocket(socket.descriptor)
            .get()
    }

    /// Serves on one socket after the other: a new one whenever the name of the last was taken away.
    private func serve(
        _ first: any Channel, moving sockets: ControlSockets, _ connections: Connections
    ) async throws {
        var servers = [first]
        while let socket = await cancelWhenGracefulShutdown({ await sockets.next() }) {
            servers.append(try await listen(on: socket, connections))
            // The last one stays: somebody may have connected just before its name went, and not be accepted yet.
            if servers.count > 2 { servers.removeFirst().close(promise: nil) }
        }
        for server in servers { server.close(promise: nil) }
        connections.quiesce()
        await connections.ended()
    }

    private func accept(_ channel: any Channel, _ connections: Connections) -> EventLoopFuture<Void> {
        do {
            let pipeline = channel.pipeline.syncOperations
            let peer = try pipeline.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
                try ControlPeer(descriptor: descriptor)
            }
            guard let peer else { throw ChannelError.operationUnsupported }
            try pipeline.addHandler(IdleStateHandler(allTimeout: TimeAmount(limits.idle)))
            try pipeline.configureHTTPServerPipeline()
            try pipeline.addHandler(TransferLimit(limits.transfer))
            try pipeline.addHandler(RequestHandler(peer: peer, responder: responder, connections: connections))
            try connections.add(channel)
            return channel.eventLoop.makeSucceededVoidFuture()
        } catch {
            logger.warning("refused a connection", metadata: ["error": "\(error)"])
            // Nobody else does: a connection that was not set up is nobody's.
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(error)
        }
    }
}
