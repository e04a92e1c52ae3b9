// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Linux
import Logging
import Netfilter
import Netlink
import VPC

extension SecurityGroupService {
    /// Ends what the model no longer allows, where the configuration asks for that. In AWS tracked connections live on.
    func endRevokedConnections() async throws {
        guard configuration.endsRevokedConnections else { return }
        let host = host
        let own = try await Blocking.run {
            let namespace = if let host { host } else { try NetworkNamespace.current() }
            return try RouteConnection(in: namespace).addresses().map(\.address.address)
        }
        let network = try await model().vpcNetwork(otherAddresses: own)
        let ended = try await change { firewall in
            try firewall.endConnections { tuple in
                Flow(tuple).map { network.judge($0).verdict != .denied } ?? true
            }
        }
        for connection in ended { log.info("ended a connection", metadata: ["connection": "\(connection.original)"]) }
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
