// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The socket that clients connect to.
final class ControlSocket {
    let socket: Descriptor
    private let path: CText
    private let device: dev_t
    private let inode: ino_t
    /// Given up for a moment when there is no descriptor left, so that a waiting client can be turned away.
    private var spare: Descriptor?
    /// A client waits that can be neither let in nor turned away: to be tried again after a while.
    private(set) var isExhausted = false

    /// Binds; nobody can connect before `listen`. A socket that nobody serves any more is replaced.
    init(path: CText) throws(Failure) {
        self.path = path
        let text = Text(path)
        socket = try Descriptor(
            tasknet_seqpacket_socket(),
            "socket")
        let mask = umask(0o177)
        defer { umask(mask) }
        if tasknet_seqpacket_bind(socket.raw, path) != 0 {
            guard lastError == EADDRINUSE else { throw Failure("control socket", text) }
            try ControlSocket.removeStale(path)
            try check(tasknet_seqpacket_bind(socket.raw, path), "control socket", text)
        }
        var status = stat()
        try check(lstat(path, &status), "control socket", text)
        device = status.st_dev
        inode = status.st_ino
        spare = try? Descriptor.open("/dev/null", O_RDONLY, "open")
    }

    private static func removeStale(_ path: CText) throws(Failure) {
        let probe = try Descriptor(
            tasknet_seqpacket_socket(), "socket")
        // EAGAIN: served, but busy.
        if tasknet_seqpacket_connect(probe.raw, path) == 0 || lastError == EAGAIN {
            throw Failure("control socket", Text(path), reason: "already served by another process", number: EADDRINUSE)
        }
        guard lastError == ECONNREFUSED else {
            throw Failure(
                "control socket", Text(path), reason: "exists and is not a socket of ours", number: EADDRINUSE)
        }
        try check(unlink(path), "control socket", Text(path))
    }

    /// To be called by the process that serves: peers see the pid of the one that listens.
    func listen() throws(Failure) {
        try check(CLinux.listen(socket.raw, 128), "control socket", Text(path))
    }

    /// A client that waits to be let in, or nil: there is none, or it is not allowed to, or no descriptor is left for it.
    func accept() -> Client? {
        let result = tasknet_seqpacket_accept(socket.raw)
        guard result >= 0 else {
            let number = lastError
            isExhausted = number != EAGAIN && number != ECONNABORTED && number != EINTR && !turnAway()
            return nil
        }
        isExhausted = false
        let accepted = Descriptor(owning: result)
        var pid: pid_t = 0
        var uid: uid_t = 0
        guard tasknet_seqpacket_peer(accepted.raw, &pid, &uid) == 0, uid == 0 || uid == geteuid() else { return nil }
        return Client(accepted)
    }

    /// Without this a client that cannot be accepted would wake the loop for ever.
    private func turnAway() -> Bool {
        spare = nil
        let result = tasknet_seqpacket_accept(socket.raw)
        if result >= 0 { close(result) }
        spare = try? Descriptor.open("/dev/null", O_RDONLY, "open")
        return result >= 0
    }

    /// Takes the socket away, unless somebody has put another one in its place.
    func remove() {
        var status = stat()
        if lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode { unlink(path) }
    }
}
