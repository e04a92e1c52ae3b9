// SPDX-License-Identifier: Apache-2.0
import CNetlink
package import Linux
import Synchronization
import SystemPackage

/// Something that decides about what a host routes, and where to.
package enum RoutingEvent: Hashable, Sendable {
    /// A default route of the main table came or went.
    case defaultRoute
    /// Whether a link forwards may be another than it was; nil stands for all of them at once.
    case settings(linkIndex: Int32?)
    /// Some events were lost: look at everything.
    case overflow
}

/// What happens to a namespace's default routes and to its links' forwarding, from the moment this is made.
///
/// For one reader. The tasks' own routes are not told, of which there are many.
package final class RoutingEvents: Sendable {
    private let socket: Mutex<Socket>

    private struct Socket: ~Copyable {
        var value: NetlinkSocket?
    }

    /// - Parameters:
    ///   - namespace: nil is where the calling thread is now.
    ///   - receiveBuffer: how much the kernel keeps for a slow reader, in bytes; it has a limit of its own
    ///     (`net.core.rmem_max`).
    package init(in namespace: NetworkNamespace? = nil, receiveBuffer: Int32 = 1 << 20) throws {
        let socket = try NetlinkSocket(in: namespace)
        do throws(Refusal) {
            try socket.setReceiveBuffer(receiveBuffer)
            try socket.setNonblocking()
            for group in [
                RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
            ] {
                try socket.join(group)
            }
        } catch {
            throw NetlinkError("subscribe to", "routing events", error)
        }
        self.socket = Mutex(Socket(value: socket))
    }

    /// Waits for events without holding a thread.
    ///
    /// - Returns: all that are there, each of them once; nil when the task is cancelled, which closes this.
    package func next() async throws(NetlinkError) -> Set<RoutingEvent>? {
        while let descriptor = socket.withLock({ $0.value?.descriptor }) {
            if Task.isCancelled {
                socket.withLock { $0.value = nil }
                return nil
            }
            let events = try take()
            if !events.isEmpty { return events }
            await Readiness.waitForMore(of: descriptor)
        }
        return nil
    }

    /// What is there by now.
    private func take() throws(NetlinkError) -> Set<RoutingEvent> {
        do throws(Refusal) {
            return try socket.withLock { socket throws(Refusal) in
                var events: Set<RoutingEvent> = []
                while true {
                    do throws(Refusal) {
                        let isReceived = try socket.value?.receive { header in
                            if let event = RoutingEvent(header) { events.insert(event) }
                        }
                        guard isReceived ?? false else { return events }
                    } catch {
                        guard error.errno == .noBufferSpace else { throw error }
                        // On to the end: until it is empty the kernel drops what comes, and does not tell again.
                        events.insert(.overflow)
                    }
                }
            }
        } catch {
            throw NetlinkError("read", "routing events", error)
        }
    }
}

extension RoutingEvent {
    /// nil for what is of no concern here.
    fileprivate init?(_ header: UnsafeMutablePointer<nlmsghdr>) {
        switch Int(header.pointee.nlmsg_type) {
        case RTM_NEWROUTE, RTM_DELROUTE:
            guard Int(header.pointee.nlmsg_len) >= MemoryLayout<nlmsghdr>.size + MemoryLayout<rtmsg>.size,
                let route = nlmsg_data(header)?.assumingMemoryBound(to: rtmsg.self).pointee,
                route.rtm_dst_len == 0, route.rtm_table == UInt8(RT_TABLE_MAIN.rawValue)
            else { return nil }
            self = .defaultRoute
        case RTM_NEWNETCONF, RTM_DELNETCONF:
            guard
                let attribute = nlmsg_find_attr(header, CInt(MemoryLayout<netconfmsg>.size), CInt(NETCONFA_IFINDEX)),
                nla_len(attribute) >= CInt(MemoryLayout<Int32>.size)
            else { return nil }
            let index = Int32(bitPattern: nla_get_u32(attribute))
            // Links that are to come have no say about those that are there.
            guard index != NETCONFA_IFINDEX_DEFAULT else { return nil }
            self = .settings(linkIndex: index == NETCONFA_IFINDEX_ALL ? nil : index)
        default: return nil
        }
    }
}
