// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Logging
import Netfilter
import Netlink
import VPC

extension SecurityGroupService {
    /// Ends what the model no longer allows, where the configuration asks for that. In AWS tracked connections live on.
    ///
    /// Not to be done in this one's turn: with many connections it takes seconds.
    func endRevokedConnections() async throws {
        guard configuration.endsRevokedConnections else { return }
        do {
            let (host, firewall) = (host, try await connected())
            let (own, tracked) = try await Blocking.run {
                return (
                    try RouteConnection(in: host).addresses().map(\.address.address),
                    try firewall.trackedConnections()
                )
            }
            // Read last: what has been allowed since is not ended.
            let network = try await model().vpcNetwork(otherAddresses: own)
            let ended = try await Blocking.run {
                let revoked = tracked.filter { connection in
                    Flow(connection.judged).map { network.judge($0).verdict == .denied } ?? false
                }
                try firewall.end(revoked)
                return revoked
            }
            for connection in ended {
                log.info("ended a connection", metadata: ["connection": "\(connection.original)"])
            }
        } catch {
            throw SecurityGroupError.connectionsNotEnded("\(error)")
        }
    }

    /// Ends what ENIs that are gone have begun or answered: it is theirs, and not to go on with whoever has their
    /// addresses next, whose groups may allow none of it.
    func endConnections(of records: [NetworkInterfaceRecord]) async {
        let addresses = records.flatMap(\.networkInterface.addresses)
        if addresses.isEmpty { return }
        do {
            let firewall = try await connected()
            try await Blocking.run { try firewall.endConnections(of: addresses) }
        } catch let error as NetfilterError where error.isUnsupported {
            return  // Nothing is tracked.
        } catch {
            log.warning(
                "connections of ENIs that are gone may go on with the next that have their addresses",
                metadata: ["addresses": "\(addresses)", "error": "\(error)"])
        }
    }
}

extension Flow {
    /// What groups judge of a connection: its first packet.
    fileprivate init?(_ tuple: ConnectionTuple) {
        let transport: Transport
        switch tuple.transport {
        case .ports(6, let source, let destination):
            transport = .tcp(sourcePort: source, destinationPort: destination)
        case .ports(17, let source, let destination):
            transport = .udp(sourcePort: source, destinationPort: destination)
        case .icmp(1, let type, let code, id: _): transport = .icmp(type: type, code: code)
        case .icmp(58, let type, let code, id: _): transport = .icmpv6(type: type, code: code)
        default: transport = .other(tuple.transport.number)
        }
        self.init(source: tuple.source, destination: tuple.destination, transport: transport)
    }
}
