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
    /// What was bound there, so that nothing else is removed in its place.
    private let inode: UInt64

    private init(path: FilePath?, descriptor: CInt, inode: UInt64) {
        self.path = path
        self.descriptor = descriptor
        self.inode = inode
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
        return ControlSocket(path: nil, descriptor: descriptor, inode: 0)
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
            var status = stat()
            try check(lstat(path.string, &status), "look at it", path)
            return ControlSocket(path: path, descriptor: descriptor, inode: UInt64(status.st_ino))
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Takes the socket's name away, where it is still this one's.
    package func remove() {
        guard let path else { return }
        var status = stat()
        if lstat(path.string, &status) == 0, UInt64(status.st_ino) == inode { unlink(path.string) }
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
