// SPDX-License-Identifier: Apache-2.0
package import Netfilter
import Synchronization

extension Firewall {
    /// Ends the connections that are not allowed any more: their next packet is judged as a new one's, and a TCP packet
    /// from the middle is dropped.
    ///
    /// - Parameter isAllowed: is asked for each connection that the kernel tracks, the host's own too, as its first
    ///   packet was judged: behind the translation of its destination and before that of its source.
    /// - Returns: those that were ended.
    @discardableResult
    package func endConnections(unless isAllowed: (ConnectionTuple) -> Bool) throws -> [TrackedConnection] {
        let ended = try tables.withLock { try $0.connection.trackedConnections() }.filter { !isAllowed($0.judged) }
        try tables.withLock { tables in
            for connection in ended { try tables.connection.delete(connection) }
        }
        return ended
    }
}

extension TrackedConnection {
    /// What the rules saw of the first packet.
    var judged: ConnectionTuple {
        guard status.contains(.destinationNAT) else { return original }
        let transport: ConnectionTuple.Transport =
            switch (original.transport, reply.transport) {
            case (.ports(let number, let source, _), .ports(_, let destination, _)):
                .ports(number, source: source, destination: destination)
            default: original.transport
            }
        return ConnectionTuple(original.source, reply.source, transport, zone: original.zone)
    }
}
