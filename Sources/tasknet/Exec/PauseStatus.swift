// SPDX-License-Identifier: Apache-2.0

import CLinux
import Linux
import SystemPackage

/// What a task's pause process says about itself and the containers that it is the parent of.
///
/// `CLinux/tasknet_pause.h` has the protocol. Only root and the pause process's own user are answered. Asked here without
/// the room `Pause`, which is made for the daemon and starts threads: this program is about to leave for namespaces.
struct PauseStatus: Equatable, Sendable {
    struct Container: Equatable, Sendable {
        var name: String
        var isRunning: Bool
        /// Of the main process, as the host sees it.
        var pid: CInt
        /// Field 22 of /proc/PID/stat.
        var startTime: UInt64
    }

    var pid: CInt = 0
    var containers: [Container] = []

    /// Asks at the socket of a task's pause process.
    ///
    /// - Throws: `LinuxError` with `ENOENT` or `ECONNREFUSED` when the task does not run (any more).
    static func ask(socketPath: String) throws -> PauseStatus {
        let connection = try PauseConnection(socketPath: socketPath)
        var status = PauseStatus()
        let hello = try connection.request(TASKNET_PAUSE_HELLO)
        status.pid = hello.first.flatMap { CInt($0.fields[TASKNET_PAUSE_KEY_PID] ?? "") } ?? 0
        for message in try connection.request(TASKNET_PAUSE_STATUS) where message.verb == TASKNET_PAUSE_CHILD {
            if let container = Container(message.fields) { status.containers.append(container) }
        }
        return status
    }
}

extension PauseStatus.Container {
    /// Nil for an exec, which belongs to a container.
    init?(_ fields: [String: String]) {
        guard let name = fields[TASKNET_PAUSE_KEY_NAME], fields["container"] == nil,
            let pid = CInt(fields[TASKNET_PAUSE_KEY_PID] ?? "0"),
            let startTime = UInt64(fields[TASKNET_PAUSE_KEY_START_TIME] ?? "0")
        else { return nil }
        self.init(
            name: name, isRunning: fields[TASKNET_PAUSE_KEY_STATE] == TASKNET_PAUSE_STATE_RUNNING, pid: pid,
            startTime: startTime)
    }
}

/// A message of the pause process: a verb and named fields.
struct PauseMessage: Equatable, Sendable {
    var verb: String
    var fields: [String: String] = [:]

    init(verb: String) { self.verb = verb }

    /// Nil for what is no message.
    init?(_ packet: ArraySlice<UInt8>) {
        let parts = packet.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let verb = parts.first else { return nil }
        self.verb = verb
        for part in parts.dropFirst() {
            guard let sign = part.firstIndex(of: "=") else { return nil }
            fields[String(part[..<sign])] = String(part[sign...].dropFirst())
        }
    }
}

private struct PauseConnection: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let socketPath: String

    init(socketPath: String) throws(LinuxError) {
        let raw = tasknet_seqpacket_socket()
        guard raw >= 0 else { throw .last("make", "socket") }
        let descriptor = OwnedDescriptor(raw)
        guard tasknet_seqpacket_connect(raw, socketPath) == 0 else { throw .last("connect to", socketPath) }
        self.descriptor = descriptor
        self.socketPath = socketPath
    }

    /// Sends a request without arguments and gives its replies, the `ok` at the end among them.
    func request(_ verb: String) throws -> [PauseMessage] {
        let name = "cli"
        let packet = Array("\(verb)\0\(TASKNET_PAUSE_KEY_REQUEST)=\(name)\0".utf8)
        let sent = descriptor.withRaw { tasknet_seqpacket_send($0, packet, packet.count, -1) }
        guard sent == packet.count else { throw LinuxError.last("ask", socketPath) }
        var replies: [PauseMessage] = []
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            guard try descriptor.waitUntilReadable(until: deadline) else {
                throw LinuxError("ask", socketPath, .timedOut)
            }
            let packet = try descriptor.read(upTo: Int(TASKNET_PAUSE_MESSAGE_MAX), of: socketPath)
            guard !packet.isEmpty else { throw LinuxError("ask", socketPath, .connectionReset) }
            // Events about the task's life come in between: they carry no request.
            guard let message = PauseMessage(packet[...]), message.fields[TASKNET_PAUSE_KEY_REQUEST] == name else {
                continue
            }
            replies.append(message)
            if message.verb == TASKNET_PAUSE_OK { return replies }
            if message.verb == TASKNET_PAUSE_ERROR {
                let text = message.fields[TASKNET_PAUSE_KEY_TEXT]
                throw LinuxError("ask", socketPath, .invalidArgument, reason: text)
            }
        }
    }
}
