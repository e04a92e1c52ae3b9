// SPDX-License-Identifier: Apache-2.0
import Linux
import Logging
import Synchronization
import SystemPackage

/// The control socket, and those that take its place when somebody takes its name away: without it no client finds the
/// daemon any more.
final class ControlSockets: Sendable {
    /// How often is looked without a sign, where there is no watch or nothing could be made.
    private static let interval = Duration.seconds(10)
    /// The same otherwise: for what the watch cannot see (a mount over the directory).
    private static let longInterval = Duration.seconds(600)

    private let state: Mutex<ControlSocket>
    private let refusal = Mutex<String?>(nil)
    private let logger: Logger

    init(_ socket: ControlSocket, logger: Logger) {
        state = Mutex(socket)
        self.logger = logger
    }

    var current: ControlSocket { state.withLock { $0 } }

    /// Waits until the present socket's name is gone, and makes another at its path.
    /// - Returns: the new one, listening; nil when the task is cancelled.
    func next() async -> ControlSocket? {
        let watch = try? DirectoryWatch()
        while !Task.isCancelled {
            let socket = current
            // First the watch, then the look: what happens in between is an event.
            if var directory = socket.boundPath, let watch {
                while directory.removeLastComponent() { try? watch.add(directory) }
            }
            if !socket.isInPlace, let new = replacement(of: socket) { return new }
            if let watch {
                await watch.wait(atMost: socket.isInPlace ? Self.longInterval : Self.interval)
            } else {
                try? await Task.sleep(for: Self.interval)
            }
        }
        return nil
    }

    private func replacement(of socket: ControlSocket) -> ControlSocket? {
        let metadata: Logger.Metadata = ["path": "\(socket.boundPath?.string ?? "-")"]
        do {
            let new = try socket.listenAgain()
            state.withLock { $0 = new }
            refusal.withLock { $0 = nil }
            logger.warning(
                socket.path == nil
                    ? """
                    systemd's control socket was removed by somebody; tasknetd listens there with one of its own now, \
                    until it is restarted after systemctl restart tasknetd.socket
                    """ : "the control socket was removed by somebody, and is made again", metadata: metadata)
            return new
        } catch {
            // Once, as it is tried again and again.
            let isNews = refusal.withLock { refusal in
                defer { refusal = "\(error)" }
                return refusal != "\(error)"
            }
            if isNews {
                logger.error(
                    "the control socket was removed by somebody, and cannot be made again: no client finds the daemon",
                    metadata: metadata.merging(["error": "\(error)"]) { $1 })
            }
            return nil
        }
    }
}
