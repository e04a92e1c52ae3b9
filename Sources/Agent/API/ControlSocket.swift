// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// The socket that the control API is served on, listening already.
package final class ControlSocket: Sendable {
    package enum Failure: Error, Equatable, CustomStringConvertible {
        case alreadyServed(path: String, processID: Int32?)
        case inTheWay(path: String)
        case tooLong(path: String)
        /// A step of the kernel's failed.
        case failed(step: String, path: String, Errno)
        case notListening(descriptor: CInt)

        package var description: String {
            switch self {
            case .alreadyServed(let path, let processID):
                "control socket \(path) is already served" + (processID.map { " by the process with pid \($0)" } ?? "")
                    + "; stop that one, or give this daemon a controlSocket.path of its own"
            case .inTheWay(let path):
                "control socket \(path): something that is no socket is in the way; move it, or set controlSocket.path"
            case .tooLong(let path):
                "control socket \(path): a socket's path has at most \(UnixSocketAddress.capacity - 1) bytes;"
                    + " set a shorter controlSocket.path"
            case .failed(let step, let path, let error):
                "control socket \(path): \(step): \(error)"
            case .notListening(let descriptor):
                "descriptor \(descriptor) from systemd is not a listening unix stream socket; "
                    + "give the socket unit ListenStream= with a path"
            }
        }
    }

    /// Nil where systemd made the socket and keeps it.
    package let path: FilePath?
    package let descriptor: CInt
    /// What was bound, so that nothing else is taken for it or removed in its place. Nil where that is not known.
    private let identity: Identity?

    /// A socket's name in the file system.
    private struct Identity: Equatable {
        var device: UInt64
        var inode: UInt64
        var mode: FilePermissions
        var groupID: UInt32

        /// - Returns: nil where there is no socket.
        init?(at path: FilePath) {
            var status = stat()
            guard lstat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
            mode = FilePermissions(rawValue: status.st_mode & 0o777)
            groupID = status.st_gid
        }

        func isSameSocket(_ other: Identity?) -> Bool { device == other?.device && inode == other?.inode }
    }

    private init(path: FilePath?, descriptor: CInt, identity: Identity?) {
        self.path = path
        self.descriptor = descriptor
        self.identity = identity
    }

    /// Where clients find it, whoever made it.
    package var boundPath: FilePath? {
        if let path { return path }
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        let bytes = withUnsafeBytes(of: &address.sun_path) { Array($0.prefix { $0 != 0 }) }
        return bytes.isEmpty ? nil : FilePath(String(decoding: bytes, as: UTF8.self))
    }

    /// Takes the socket that systemd listens on: named `control`, or by its unit.
    /// - Returns: nil where there is none.
    package static func inherited(_ descriptors: ListenDescriptors) throws -> ControlSocket? {
        let named = descriptors.byName["control"] ?? descriptors.byName["tasknetd.socket"]
        guard let descriptor = named?.first else { return nil }
        guard option(SO_ACCEPTCONN, of: descriptor) == 1, option(SO_DOMAIN, of: descriptor) == AF_UNIX,
            option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue)
        else { throw Failure.notListening(descriptor: descriptor) }
        let socket = ControlSocket(path: nil, descriptor: descriptor, identity: nil)
        // A name that nobody answers at is not systemd's socket's, which has been listening for a while.
        guard let path = socket.boundPath, let identity = Identity(at: path), isServed(path) else { return socket }
        return ControlSocket(path: nil, descriptor: descriptor, identity: identity)
    }

    private static func isServed(_ path: FilePath) -> Bool {
        guard let address = UnixSocketAddress(path.string) else { return false }
        let probe = Glibc.socket(AF_UNIX, streamType, 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        // Also by one whose queue is full.
        return address.withUnsafe { connect(probe, $0, $1) } == 0 || errno == EAGAIN
    }

    /// Makes the socket, in the place of one that nobody serves any more.
    package static func listen(
        at path: FilePath, mode: FilePermissions, groupID: UInt32?
    ) throws(Failure) -> ControlSocket {
        let address = try makeRoom(at: path)
        let descriptor = socket(AF_UNIX, streamType, 0)
        guard descriptor >= 0 else { throw .failed(step: "socket", path: path.string, Errno(rawValue: errno)) }
        do throws(Failure) {
            // Until listen(2) every connect(2) is refused, so that nobody gets in before mode and group are right.
            try check(address.withUnsafe { bind(descriptor, $0, $1) }, "bind", path)
            if let groupID { try check(chown(path.string, uid_t.max, groupID), "give it to its group", path) }
            try check(chmod(path.string, mode.rawValue), "set its mode", path)
            try check(Glibc.listen(descriptor, 128), "listen", path)
            guard let identity = Identity(at: path) else {
                throw .failed(step: "look at it", path: path.string, .noSuchFileOrDirectory)
            }
            return ControlSocket(path: path, descriptor: descriptor, identity: identity)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Takes the socket's name away, where it is still this one's.
    package func remove() {
        guard let path, isInPlace else { return }
        unlink(path.string)
    }

    /// Whether clients still find this socket at its path: somebody may have removed it, or put something in its place.
    package var isInPlace: Bool {
        // One without a path in the file system cannot be removed.
        guard let path = boundPath else { return true }
        return identity?.isSameSocket(Identity(at: path)) ?? false
    }

    /// Makes a socket at this one's path again, for the same users, and its directory where that is gone as well.
    /// - Throws: `Failure`, also where somebody else serves there by now; `LinuxError`.
    package func listenAgain() throws -> ControlSocket {
        guard let path = boundPath else { return self }
        try Directory.make(path.removingLastComponent(), mode: 0o755)
        return try Self.listen(
            at: path, mode: identity?.mode ?? [.ownerReadWrite, .groupReadWrite], groupID: identity?.groupID)
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    /// Makes room for a socket: what is there goes if a connect shows that nobody serves it.
    @discardableResult
    static func makeRoom(at path: FilePath) throws(Failure) -> UnixSocketAddress {
        guard let address = UnixSocketAddress(path.string) else { throw .tooLong(path: path.string) }
        var status = stat()
        guard lstat(path.string, &status) == 0 else {
            let error = Errno(rawValue: errno)
            if error == .noSuchFileOrDirectory { return address }
            throw .failed(step: "look at its place", path: path.string, error)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .inTheWay(path: path.string) }
        let probe = socket(AF_UNIX, streamType, 0)
        guard probe >= 0 else { throw .failed(step: "socket", path: path.string, Errno(rawValue: errno)) }
        defer { close(probe) }
        if address.withUnsafe({ connect(probe, $0, $1) }) == 0 {
            throw .alreadyServed(path: path.string, processID: (try? ControlPeer(descriptor: probe))?.processID)
        }
        switch Errno(rawValue: errno) {
        case .connectionRefused: try check(unlink(path.string), "remove the stale one", path)
        case .noSuchFileOrDirectory: break
        // Its queue is full: somebody owns it, and is busy or hangs.
        case .resourceTemporarilyUnavailable: throw .alreadyServed(path: path.string, processID: nil)
        case let error: throw .failed(step: "ask whether it is served", path: path.string, error)
        }
        return address
    }

    private static func check(_ result: CInt, _ step: String, _ path: FilePath) throws(Failure) {
        guard result == 0 else { throw .failed(step: step, path: path.string, Errno(rawValue: errno)) }
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
}
