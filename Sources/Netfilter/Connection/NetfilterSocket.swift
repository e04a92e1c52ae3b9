// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc
import Linux
import SystemPackage

/// An open nfnetlink socket, for good in the namespace that it was opened in. The corresponding C type is libmnl's
/// `struct mnl_socket`.
struct NetfilterSocket: ~Copyable {
    private let raw: OpaquePointer
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens a socket in a namespace; nil is where the calling thread is.
    init(in namespace: NetworkNamespace?) throws {
        raw = try namespace.map { try $0.enter { try Self.connect() } } ?? Self.connect()
        // No datagram of the kernel's is larger than what it is offered, up to 32 KiB.
        buffer = .allocate(byteCount: 64 << 10, alignment: MemoryLayout<UInt64>.alignment)
    }

    deinit {
        mnl_socket_close(raw)
        buffer.deallocate()
    }

    /// Sends messages that lie one after the other, as one datagram. The kernel has dealt with them, and what it
    /// answers is there to be received, when this returns.
    func send(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        guard mnl_socket_sendto(raw, bytes.baseAddress, bytes.count) >= 0 else {
            let errno = Errno.last
            guard errno == Errno(rawValue: EMSGSIZE) else { throw Refusal(errno) }
            throw Refusal(
                errno, "\(bytes.count) bytes do not fit the socket's buffer, and only CAP_NET_ADMIN may enlarge it")
        }
    }

    /// Hands the messages of one datagram to a body, in order. It never waits: the kernel answers while it is asked.
    ///
    /// - Returns: whether there was a datagram.
    func receive(_ body: (UnsafePointer<nlmsghdr>) -> Void) throws(Refusal) -> Bool {
        var sender = sockaddr_nl()
        let count = receiveDatagram(&sender)
        if count < 0 {
            let errno = Errno.last
            if errno == .wouldBlock { return false }
            guard errno == Errno(rawValue: ENOBUFS) else { throw Refusal(errno) }
            throw Refusal(errno, "answers of the kernel's were lost, so it is not known what was done")
        }
        guard count <= buffer.count else { throw Refusal(.badMessage, "an answer of \(count) bytes") }
        // Whoever has CAP_NET_ADMIN in a task's namespace could send here too. Only the kernel is port 0.
        guard sender.nl_pid == 0, let base = buffer.baseAddress else { return true }
        var rest = CInt(count)
        var header: UnsafePointer<nlmsghdr>? = UnsafePointer(base.assumingMemoryBound(to: nlmsghdr.self))
        while let message = header, mnl_nlmsg_ok(message, rest) {
            body(message)
            header = UnsafePointer(mnl_nlmsg_next(message, &rest))
        }
        return true
    }

    var descriptor: CInt { mnl_socket_get_fd(raw) }

    /// Has what happens told to this socket too.
    func join(_ group: nfnetlink_groups) throws(Refusal) {
        var number = CInt(group.rawValue)
        let status = mnl_socket_setsockopt(raw, NETLINK_ADD_MEMBERSHIP, &number, socklen_t(MemoryLayout<CInt>.size))
        guard status == 0 else { throw Refusal(.last) }
    }

    /// The kernel's address for answers to this socket.
    var port: UInt32 { mnl_socket_get_portid(raw) }

    /// Has the kernel not tell what was done at the request of another socket of the namespace. Whose request it was is in
    /// each message's header.
    func ignore(_ port: UInt32) throws(Refusal) {
        let place = MemoryLayout<nlmsghdr>.offset(of: \.nlmsg_pid) ?? 0
        do throws(Errno) {
            try SocketFilter.drop(port, at: place, on: descriptor)
        } catch {
            throw Refusal(error)
        }
    }

    /// Makes room for a datagram of this size, and for this many answers to it.
    ///
    /// Forced, as the system's limits are made for less; without CAP_NET_ADMIN (in a user namespace) up to the limits.
    func makeRoom(sending bytes: Int, answers: Int) {
        // The kernel doubles what it is told, for its own overhead.
        set(SO_SNDBUFFORCE, SO_SNDBUF, bytes)
        set(SO_RCVBUFFORCE, SO_RCVBUF, answers * Self.answerSize)
    }

    /// What the kernel accounts for one acknowledgement, halved (it doubles it) and rounded up: its buffer's overhead
    /// is more than the message.
    private static let answerSize = 1 << 10
    private static let smallestBuffer = 256 << 10
    private static let largestBuffer = 512 << 20

    private func set(_ forced: CInt, _ limited: CInt, _ size: Int) {
        var size = CInt(clamping: min(max(size, Self.smallestBuffer), Self.largestBuffer))
        let length = socklen_t(MemoryLayout<CInt>.size)
        let descriptor = mnl_socket_get_fd(raw)
        guard setsockopt(descriptor, SOL_SOCKET, forced, &size, length) != 0 else { return }
        _ = setsockopt(descriptor, SOL_SOCKET, limited, &size, length)
    }

    private func receiveDatagram(_ sender: inout sockaddr_nl) -> Int {
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        return withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                while true {
                    let count = recvfrom(
                        mnl_socket_get_fd(raw), buffer.baseAddress, buffer.count,
                        CInt(MSG_DONTWAIT | MSG_TRUNC), address, &length)
                    if count < 0, Errno.last == .interrupted { continue }
                    return count
                }
            }
        }
    }
}

extension NetfilterSocket {
    private static func connect() throws(NetfilterError) -> OpaquePointer {
        guard let raw = mnl_socket_open2(NETLINK_NETFILTER, CInt(SOCK_CLOEXEC.rawValue)) else {
            throw NetfilterError("open", "netfilter socket", .last)
        }
        guard mnl_socket_bind(raw, 0, pid_t(MNL_SOCKET_AUTOPID)) == 0 else { throw closing(raw) }
        // Errors with the kernel's text, without the request repeated.
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK] {
            var on: CInt = 1
            guard mnl_socket_setsockopt(raw, option, &on, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
                throw closing(raw)
            }
        }
        return raw
    }

    private static func closing(_ raw: OpaquePointer) -> NetfilterError {
        let error = NetfilterError("open", "netfilter socket", .last)
        mnl_socket_close(raw)
        return error
    }
}
