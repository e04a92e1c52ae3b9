// SPDX-License-Identifier: Apache-2.0

import JSON
import SystemPackage

/// Speaks the control API over tasknetd's unix socket: one connection an operation, in the calling thread.
///
/// Of an operation it knows the name and that both sides speak JSON; `ECSClient` adds the shapes.
package struct ControlClient: Sendable {
    /// Where the daemon listens when nothing else is said.
    package static let defaultSocketPath = "/run/tasknet/tasknet.sock"

    package var socketPath: String
    /// How long one operation may take from connecting to the last byte.
    package var timeout: Duration
    /// The most that an answer's body may measure, in bytes.
    package var maximumResponseSize: Int

    package init(
        socketPath: String = ControlClient.defaultSocketPath, timeout: Duration = .seconds(60),
        maximumResponseSize: Int = 64 << 20
    ) {
        self.socketPath = socketPath
        self.timeout = timeout
        self.maximumResponseSize = maximumResponseSize
    }

    /// Performs the operation that `target` names ("AmazonEC2ContainerServiceV20141113.RunTask") with a JSON text.
    package func send(target: String, body: [UInt8]) throws(ControlError) -> [UInt8] {
        let name = Self.name(target)
        let response = try exchange(HTTPRequest(target: target, body: body), operation: name)
        guard response.status != 200 else { return response.body }
        if let refusal = ControlRefusal(response.body) { throw .refused(operation: name, refusal) }
        throw .unexpectedStatus(
            socketPath: socketPath, operation: name, status: response.status,
            excerpt: response.body.isEmpty
                ? response.reason : EscapedText.quoted(response.body, limit: 200))
    }

    private func exchange(_ request: HTTPRequest, operation: String) throws(ControlError)
        -> HTTPResponse
    {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        let stream: UnixStream
        do {
            stream = try UnixStream(connectingTo: socketPath, deadline: deadline)
        } catch {
            throw .unavailable(socketPath: socketPath, error)
        }
        do {
            try stream.send(request.bytes)
        } catch {
            // The daemon may answer and close before it has read all (a body that is too large): look for the answer.
            guard error == .brokenPipe || error == .connectionReset else { throw failure(error, operation) }
        }
        var parser = HTTPResponseParser(limits: .init(body: maximumResponseSize))
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count: Int
            do {
                count = try stream.receive(into: &buffer)
            } catch {
                throw failure(error, operation)
            }
            do {
                if count == 0 { return try parser.finish() }
                if let response = try parser.receive(buffer[..<count]) { return response }
            } catch {
                throw .notHTTP(socketPath: socketPath, operation: operation, error)
            }
        }
    }

    private func failure(_ error: Errno, _ operation: String) -> ControlError {
        if error == .timedOut {
            let (seconds, attoseconds) = timeout.components
            return .timedOut(
                socketPath: socketPath, operation: operation,
                seconds: Double(seconds) + Double(attoseconds) / 1e18)
        }
        return .interrupted(socketPath: socketPath, operation: operation, error)
    }

    /// "RunTask" of "AmazonEC2ContainerServiceV20141113.RunTask".
    package static func name(_ target: String) -> String {
        target.split(separator: ".").last.map(String.init) ?? target
    }
}
