// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Serves the control API over HTTP/1.1 on a unix socket.
///
/// Hummingbird's own server binds its socket itself and knows no peers, so the listening is done here and its HTTP
/// channel used for each connection.
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
                guard (try? await Task.sleep(for: limits.ending)) != nil else { return }
                logger.warning("requests under way are given up")
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private typealias Server = NIOAsyncChannel<Connection, Never>

    /// One is enough for what a host's users ask, and no connection goes from the one that accepts it to another.
    private static let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private func listen(on socket: ControlSocket, _ connections: Connections) async throws -> Server {
        try await ServerBootstrap(group: Self.eventLoop)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptErrors(logger: logger))
                }
            }
            // A client may say that it is done sending, and still wait for the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket.descriptor) { channel in accept(channel, connections) }
    }

    /// Serves on one socket after the other: a new one whenever the name of the last was taken away.
    private func serve(_ first: Server, moving sockets: ControlSockets, _ connections: Connections) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await serve(first, connections) }
            var servers = [first]
            while let socket = await cancelWhenGracefulShutdown({ await sockets.next() }) {
                let server = try await listen(on: socket, connections)
                group.addTask { try await serve(server, connections) }
                servers.append(server)
                // The last one stays: somebody may have connected just before its name went, and not be accepted yet.
                if servers.count > 2 { servers.removeFirst().channel.close(promise: nil) }
            }
        }
    }

    private func serve(_ server: Server, _ connections: Connections) async throws {
        try await withGracefulShutdownHandler {
            try await server.executeThenClose { inbound in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in inbound {
                        // From the first byte on where the request is done: it goes from the event loop's thread there
                        // and back, and to no third one.
                        Blocking.addTask(to: &group) {
                            await connection.http.handle(value: connection.channel, logger: logger)
                        }
                    }
                }
            }
        } onGracefulShutdown: {
            server.channel.close(promise: nil)
            connections.quiesce()
        }
    }

    private struct Connection: Sendable {
        var http: HTTP1Channel
        var channel: HTTP1Channel.Value
    }

    private func accept(_ channel: any Channel, _ connections: Connections) -> EventLoopFuture<Connection> {
        do {
            let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
                try ControlPeer(descriptor: descriptor)
            }
            guard let peer else { throw ChannelError.operationUnsupported }
            try connections.add(channel)
            let responder = responder
            let http = HTTP1Channel(
                responder: { request, writer, channel in
                    try await responder.respond(to: request, from: peer, with: writer, on: channel)
                },
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [TransferLimit(limits.transfer)],
                    idleTimeout: TimeAmount(limits.idle)))
            return http.setup(channel: channel, logger: logger).map { Connection(http: http, channel: $0) }
        } catch {
            logger.warning("refused a connection", metadata: ["error": "\(error)"])
            // Nobody else does: a connection that was not set up is nobody's.
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(error)
        }
    }
}

/// The open connections, so that they can be ended in order.
private final class Connections: Sendable {
    struct TooMany: Error, CustomStringConvertible {
        let limit: Int
        var description: String { "\(limit) connections are open already" }
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isQuiescing = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func add(_ channel: any Channel) throws {
        try state.withLock { state in
            guard state.channels.count < limit else { throw TooMany(limit: limit) }
            state.channels[ObjectIdentifier(channel)] = channel
        }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
        }
        if state.withLock(\.isQuiescing) { Self.quiesce(channel) }
    }

    /// Lets requests under way be answered, and closes what is idle.
    func quiesce() {
        let channels = state.withLock { state in
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        for channel in channels { Self.quiesce(channel) }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
