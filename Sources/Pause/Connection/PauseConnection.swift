// SPDX-License-Identifier: Apache-2.0
import CLinux
import Dispatch
import Glibc
package import Linux
import Synchronization
package import SystemPackage

/// A connection to a task's pause process. Any number of requests may be under way at once.
///
/// No thread is held by a connection: all of them are read by one dispatch queue.
package final class PauseConnection: Sendable {
    /// Of the pause process.
    package let pid: CInt
    package let path: FilePath
    /// What it tells without being asked, from the moment of connecting. For one reader. Ends when the pause process ends
    /// or the connection is closed.
    package let events: AsyncStream<PauseEvent>

    private let socket: Socket
    private let source: ReadSource
    private let state: Mutex<State>

    private static let queue = DispatchQueue(label: "tasknet.pause")

    private struct State {
        var isClosed = false
        var lastRequest: UInt64 = 0
        var waiting: [UInt64: PendingReply] = [:]
        var events: AsyncStream<PauseEvent>.Continuation?
    }

    /// Connects with the process that serves the socket at `path`.
    ///
    /// - Throws: `ECONNREFUSED` or `ENOENT` when it is gone; `ENAMETOOLONG`.
    package init(to path: FilePath) throws(LinuxError) {
        let operation = "connect to the pause process"
        let raw = tasknet_seqpacket_socket()
        guard raw >= 0 else { throw LinuxError(operation, path.string, Errno(rawValue: errno)) }
        socket = Socket(OwnedDescriptor(raw))
        guard path.withPlatformString({ tasknet_seqpacket_connect(raw, $0) }) == 0 else {
            throw LinuxError(operation, path.string, Errno(rawValue: errno))
        }
        var pid: pid_t = 0
        var uid: uid_t = 0
        guard tasknet_seqpacket_peer(raw, &pid, &uid) == 0 else {
            throw LinuxError(operation, path.string, Errno(rawValue: errno))
        }
        self.pid = pid
        self.path = path
        let (events, continuation) = AsyncStream.makeStream(of: PauseEvent.self)
        self.events = events
        state = Mutex(State(events: continuation))
        source = ReadSource(socket, queue: Self.queue)
        source.start { [weak self] in self?.readAll() }
    }

    deinit {
        close()
    }

    /// Ends the connection, not the pause process. What waits for an answer throws `PauseError.disconnected`.
    package func close() {
        let left = state.withLock { state in
            state.isClosed = true
            defer {
                state.waiting = [:]
                state.events = nil
            }
            return (state.waiting.values, state.events)
        }
        source.cancel()
        for reply in left.0 { reply.continuation.resume(throwing: PauseError.disconnected) }
        left.1?.finish()
    }

    /// Sends a request and waits for its reply, with the rows that come before it.
    ///
    /// - Parameter specification: goes along in memory.
    func request(
        _ verb: String, specification: MessageWriter? = nil,
        _ fields: (inout MessageWriter) throws(PauseError) -> Void = { _ in }
    ) async throws -> (reply: Message, rows: [PauseChild]) {
        var message = MessageWriter()
        try message.add(verb)
        let number = state.withLock { state in
            state.lastRequest += 1
            return state.lastRequest
        }
        try message.add(TASKNET_PAUSE_KEY_REQUEST, String(number))
        try fields(&message)
        guard message.bytes.count <= TASKNET_PAUSE_MESSAGE_MAX else {
            throw PauseError("\(verb): the names and paths are too long", .messageTooLong)
        }
        let memory = try specification.map { try Self.sealedMemory($0) }
        let bytes = message.bytes
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard expectReply(number, continuation) else { return }
                let sent = tasknet_seqpacket_send(
                    socket.raw, bytes, bytes.count, memory?.raw ?? -1)
                if sent < 0 { abandon(number, Self.sendingFailure(verb)) }
            }
        } onCancel: {
            abandon(number, CancellationError())
        }
    }

    private func expectReply(_ number: UInt64, _ continuation: PendingReply.Continuation) -> Bool {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.waiting[number] = PendingReply(continuation) }
            return state.isClosed
        }
        if isClosed {
            continuation.resume(throwing: PauseError.disconnected)
            return false
        }
        // Cancelled before this: then nobody has abandoned it.
        if Task.isCancelled {
            abandon(number, CancellationError())
            return false
        }
        return true
    }

    private func abandon(_ number: UInt64, _ error: any Error) {
        let reply = state.withLock { $0.waiting.removeValue(forKey: number) }
        reply?.continuation.resume(throwing: error)
    }

    private static func sendingFailure(_ verb: String) -> PauseError {
        let number = Errno(rawValue: errno)
        guard number != .brokenPipe, number != .connectionReset else { return .disconnected }
        return PauseError("\(verb): cannot be sent to the pause process: \(number)", number)
    }

    private static func sealedMemory(_ specification: MessageWriter) throws(PauseError) -> Socket {
        guard specification.bytes.count <= TASKNET_PAUSE_SPECIFICATION_MAX else {
            throw PauseError("the command and its environment are too long", .argListTooLong)
        }
        let raw = tasknet_sealed_memory("tasknet", specification.bytes, specification.bytes.count)
        guard raw >= 0 else {
            let number = Errno(rawValue: errno)
            throw PauseError("make memory for the command and its environment: \(number)", number)
        }
        return Socket(OwnedDescriptor(raw))
    }
}

// Reading.
extension PauseConnection {
    private func readAll() {
        var buffer = [UInt8](repeating: 0, count: Int(TASKNET_PAUSE_MESSAGE_MAX))
        while true {
            var descriptor: CInt = -1
            var flags: CInt = 0
            let count = tasknet_seqpacket_receive(socket.raw, &buffer, buffer.count, &descriptor, &flags)
            let number = errno
            if descriptor >= 0 { Glibc.close(descriptor) }
            if count < 0 && number == EAGAIN { return }
            guard count > 0 else { return close() }
            if let message = Message(buffer[..<count]) { take(message) }
        }
    }

    private func take(_ message: Message) {
        guard let number: UInt64 = message.number(TASKNET_PAUSE_KEY_REQUEST) else {
            if let event = PauseEvent(message) {
                let events = state.withLock { $0.events }
                events?.yield(event)
            }
            return
        }
        if message.verb == TASKNET_PAUSE_CHILD {
            guard let child = PauseChild(message) else { return }
            state.withLock { $0.waiting[number]?.rows.append(child) }
            return
        }
        guard let reply = state.withLock({ $0.waiting.removeValue(forKey: number) }) else { return }
        if message.verb == TASKNET_PAUSE_OK {
            reply.continuation.resume(returning: (message, reply.rows))
        } else {
            reply.continuation.resume(throwing: message.error)
        }
    }
}

/// A request that was not answered yet, and the rows that came so far.
private struct PendingReply {
    typealias Continuation = CheckedContinuation<(reply: Message, rows: [PauseChild]), any Error>

    let continuation: Continuation
    var rows: [PauseChild] = []

    init(_ continuation: Continuation) {
        self.continuation = continuation
    }
}
