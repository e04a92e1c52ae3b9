// SPDX-License-Identifier: Apache-2.0
import CLinux
import CNetlink
package import Linux
import Synchronization
import SystemPackage

/// What happens in a namespace, or also in all others that it has a number for, by one socket, from the moment this is made.
///
/// For one reader. Events wait in the kernel until they are read, and when there are too many the reader is told with
/// `.overflow`.
package final class NamespaceEvents: Sendable {
    private let state: Mutex<State>

    package enum Source: Hashable, Sendable {
        case namespace
        /// The kernel gives numbers to the namespaces of veths' other ends and of links that were moved there; others are
        /// given one by `RouteConnection.makeNamespaceID(of:)`. For each event in any namespace of the machine, the
        /// kernel looks through all numbers that the listening one has given, and once more where it has one for that:
        /// listen from one that has given few. The corresponding C constant is `NETLINK_LISTEN_ALL_NSID`.
        case namespaceAndNumbered
    }

    fileprivate struct State: ~Copyable {
        var socket: NetlinkSocket?
        let buffer: UnsafeMutableRawBufferPointer
        /// Events were lost, and what the kernel still had of them has not been read to its end.
        var hasOverflown = false
        /// The number that the namespace has for itself, where somebody has given it one.
        let ownID: Int32?

        init(_ socket: consuming NetlinkSocket, ownID: Int32?) {
            self.socket = consume socket
            self.ownID = ownID
            buffer = .allocate(byteCount: Self.datagramCapacity, alignment: 16)
        }

        deinit { buffer.deallocate() }
    }

    /// - Parameters:
    ///   - namespace: nil is where the calling thread is now.
    ///   - receiveBuffer: how much the kernel keeps for a slow reader, in bytes; it has a limit of its own
    ///     (`net.core.rmem_max`).
    /// - Throws: `EPERM` for numbered ones without `CAP_NET_BROADCAST`.
    package init(
        of source: Source = .namespace, in namespace: NetworkNamespace? = nil, receiveBuffer: Int32 = 4 << 20
    ) throws {
        let namespace = if let namespace { namespace } else { try NetworkNamespace.current() }
        let withNumbered = source == .namespaceAndNumbered
        let ownID = withNumbered ? try RouteConnection(in: namespace).namespaceID(of: namespace) : nil
        let socket = try NetlinkSocket(in: namespace)
        do throws(Refusal) {
            try socket.setReceiveBuffer(receiveBuffer)
            try socket.setNonblocking()
            if withNumbered { try socket.listenToAllNamespaces() }
            for group in Self.groups { try socket.join(group) }
        } catch {
            throw NetlinkError("subscribe to", "events of \(namespace)", error)
        }
        state = Mutex(State(socket, ownID: ownID))
    }

    private static let groups = [
        RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
        RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE, RTNLGRP_NSID,
    ]

    /// Waits for events without holding a thread.
    ///
    /// - Returns: at least one, of those about the same link only the last; nil when the task is cancelled, which closes this.
    package func next() async throws(NetlinkError) -> [NamespaceEvent]? {
        while let descriptor = state.withLock({ $0.socket?.descriptor }) {
            if Task.isCancelled {
                state.withLock { $0.socket = nil }
                return nil
            }
            let events = try now()
            if !events.isEmpty { return events }
            await Readiness.waitForMore(of: descriptor)
        }
        return nil
    }

    /// What is there by now, without waiting; not all of it where there is very much.
    package func now() throws(NetlinkError) -> [NamespaceEvent] {
        do throws(Refusal) {
            return try state.withLock { state throws(Refusal) in try state.take() }
        } catch {
            throw NetlinkError("read", "events of namespaces", error)
        }
    }
}

extension NamespaceEvents.State {
    /// Somebody who changes links all the time must not keep the reader here.
    private static let maximumDatagrams = 4096
    /// No datagram of the kernel's about one thing is as large.
    private static let datagramCapacity = 64 << 10

    fileprivate mutating func take() throws(Refusal) -> [NamespaceEvent] {
        var events = NamespaceEventList()
        for _ in 0..<Self.maximumDatagrams {
            guard let descriptor = socket?.descriptor else { break }
            var sender: UInt32 = 0
            var id: Int32 = -1
            let count = tasknet_netlink_receive(descriptor, buffer.baseAddress, buffer.count, &sender, &id)
            if count < 0 {
                let errno = Errno.last
                if errno == .noBufferSpace {
                    hasOverflown = true
                    continue
                }
                guard errno == .wouldBlock else { throw Refusal(errno) }
                // Not before it is empty: until then the kernel drops what comes, and does not tell again.
                if hasOverflown { events.append(.overflow) }
                hasOverflown = false
                break
            }
            // Whoever has CAP_NET_ADMIN in a task's namespace could send here too. Only the kernel is port 0.
            guard sender == 0, let start = buffer.baseAddress else { continue }
            read(start, count, from: id < 0 || id == ownID ? nil : id, into: &events)
        }
        return events.all
    }

    private func read(
        _ start: UnsafeMutableRawPointer, _ count: Int, from id: Int32?, into events: inout NamespaceEventList
    ) {
        NetlinkSocket.forEachMessage(start, count) { header in
            do throws(Refusal) {
                if let event = try NamespaceEvent(header, from: id) { events.append(event) }
            } catch {
                events.append(.overflow)
            }
        }
    }
}
