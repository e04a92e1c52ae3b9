// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Netfilter
import Synchronization

extension Firewall {
    /// All that the kernel tracks, the host's own too.
    package func trackedConnections() throws -> [TrackedConnection] {
        try connections.withLock { try $0.trackedConnections() }
    }

    /// Ends connections: their next packet is judged as a new one's, and a TCP packet from the middle is dropped.
    package func end(_ ended: [TrackedConnection]) throws {
        try connections.withLock { connections in
            for connection in ended { try connections.delete(connection) }
        }
    }

    /// Ends whatever these addresses have begun or answer, so that nobody who has them next inherits it.
    package func endConnections(of addresses: [IPAddress]) throws {
        try connections.withLock { try $0.deleteConnections(of: addresses) }
    }
}

extension TrackedConnection {
    /// As the rules saw its first packet: behind the translation of its destination and before that of its source.
    package var judged: ConnectionTuple {
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
