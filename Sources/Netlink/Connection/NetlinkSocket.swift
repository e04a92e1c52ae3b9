// SPDX-License-Identifier: Apache-2.0
import CNetlink
import Glibc
import Linux
import SystemPackage

/// An open rtnetlink socket, for good in the namespace that it was opened in. The corresponding C type is libnl's
/// `struct nl_sock`.
struct NetlinkSocket: ~Copyable {
    private let raw: OpaquePointer

    /// Opens a socket in a namespace; nil is where the calling thread is.
    init(in namespace: NetworkNamespace?) throws {
        raw = try namespace.map { try $0.enter { try Self.connect() } } ?? Self.connect()
    }

    deinit {
        nl_socket_free(raw)
    }

    /// The descriptor's number, while the socket is borrowed.
    var descriptor: CInt { nl_socket_get_fd(raw) }

    /// The kernel's address for answers to this socket.
    var port: UInt32 { nl_socket_get_local_port(raw) }

    /// A number that no request of this socket had.
    func nextSequence() -> UInt32 { nl_socket_use_seq(raw) }

    /// Sends messages that lie one after the other.
    func send(_ bytes: UnsafeMutableRawBufferPointer) throws(Refusal) {
        guard nl_sendto(raw, bytes.baseAddress, bytes.count) >= 0 else { throw Refusal(.last) }
    }

    /// Hands the messages of one datagram to a body, in order; with none when the socket is not blocking and empty.
    ///
    /// - Returns: whether there was a datagram.
    func receive(_ body: (UnsafeMutablePointer<nlmsghdr>) -> Void) throws(Refusal) -> Bool {
        var sender = sockaddr_nl()
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = nl_recv(raw, &sender, &buffer, nil)
        if count < 0 {
            let errno = Errno.last
            if errno == .wouldBlock { return false }
            throw Refusal(errno)
        }
        guard count > 0, let buffer else { return false }
        defer { free(buffer) }
        // Whoever has CAP_NET_ADMIN in a task's namespace could send here too. Only the kernel is port 0.
        guard sender.nl_pid == 0 else { return true }
        Self.forEachMessage(buffer, Int(count), body)
        return true
    }

    /// Hands the messages of a datagram to a body, in order.
    static func forEachMessage(
        _ start: UnsafeMutableRawPointer, _ count: Int, _ body: (UnsafeMutablePointer<nlmsghdr>) -> Void
    ) {
        var rest = CInt(count)
        var header = start.assumingMemoryBound(to: nlmsghdr.self)
        while nlmsg_ok(header, rest) != 0 {
            body(header)
            guard let next = nlmsg_next(header, &rest) else { break }
            header = next
        }
    }

    /// Has the kernel send what happens to a group (`RTNLGRP_*`).
    func join(_ group: rtnetlink_groups) throws(Refusal) {
        try Refusal.check(nl_socket_add_membership(raw, CInt(group.rawValue)))
    }

    /// Has the kernel send what happens in other namespaces, too, those that this socket's has a number for, and whose it is.
    func listenToAllNamespaces() throws(Refusal) {
        var on: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard setsockopt(descriptor, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, size) == 0 else {
            throw Refusal(.last)
        }
    }

    /// Has the kernel not send messages of a type (`RTM_*`).
    func ignore(_ type: Int) throws(Refusal) {
        let place = MemoryLayout<nlmsghdr>.offset(of: \.nlmsg_type) ?? 0
        do throws(Errno) {
            try SocketFilter.drop(UInt16(type), at: place, on: descriptor)
        } catch {
            throw Refusal(error)
        }
    }

    /// Makes `receive` return at once when there is nothing.
    func setNonblocking() throws(Refusal) {
        try Refusal.check(nl_socket_set_nonblocking(raw))
    }

    /// How much the kernel keeps for us, in bytes, before it drops events.
    func setReceiveBuffer(_ bytes: CInt) throws(Refusal) {
        try Refusal.check(nl_socket_set_buffer_size(raw, bytes, 0))
    }
}

extension NetlinkSocket {
    /// No datagram of the kernel's is larger than what it is offered, up to 32 KiB; a peek at each is saved.
    private static let datagramCapacity = 64 << 10

    private static func connect() throws(NetlinkError) -> OpaquePointer {
        guard let raw = nl_socket_alloc() else { throw NetlinkError("open", "rtnetlink socket", .noMemory) }
        do throws(Refusal) {
            try connect(raw)
            return raw
        } catch {
            nl_socket_free(raw)
            throw NetlinkError("open", "rtnetlink socket", error)
        }
    }

    private static func connect(_ raw: OpaquePointer) throws(Refusal) {
        let code = nl_connect(raw, NETLINK_ROUTE)
        guard code == 0 else { throw Refusal(.last, String(cString: nl_geterror(code))) }
        nl_socket_disable_msg_peek(raw)
        nl_socket_set_msg_buf_size(raw, datagramCapacity)
        // Errors with the kernel's text, without the request repeated; requests checked to the last attribute.
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK] {
            var on: CInt = 1
            let size = socklen_t(MemoryLayout<CInt>.size)
            guard setsockopt(nl_socket_get_fd(raw), SOL_NETLINK, option, &on, size) == 0 else { throw Refusal(.last) }
        }
    }
}
