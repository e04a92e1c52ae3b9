// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

// What is in the task's namespace on top of the interface, and what the host needs to reach it.
extension InterfacePlan {
    var addressRequirements: [Requirement] {
        (addresses + linkLocalAddress).map { address in
            let isInPrefix = address.family == .v4 && address.prefixLength < address.family.addressBits
            // The first interface leads to what is connected to several of them, whichever came up last: what came in by
            // it is answered by it.
            return .address(
                AddressRequirement(
                    scope: .task, link: name, address: address, needsConnectedRoute: isInPrefix ? true : nil,
                    routePriority: isInPrefix ? table : nil))
        }
    }

    /// What the kernel would make itself from the MAC, in place at once.
    private var linkLocalAddress: [InterfaceAddress] {
        guard kind == .veth, families.contains(.v6) else { return [] }
        let address = IPAddress.v6(.linkLocal(of: eni.macAddress))
        return [InterfaceAddress(address: address, prefixLength: 64)].compactMap(\.self)
    }

    var routeRequirements: [Requirement] {
        neighbours + ownTable + IPFamily.allCases.compactMap(defaultRoute)
    }

    /// The host's end is the gateway, and its MAC is known: the first packet need not wait for an answer, entries that
    /// are given do not count against the limit that all namespaces of a host share (`gc_thresh3`), and the host needs
    /// no fe80::1 on each of its ends, whose cost would grow with their number.
    private var neighbours: [Requirement] {
        guard kind == .veth else { return [] }
        return IPFamily.allCases.compactMap { family in
            gateway(family).map {
                .neighbour(
                    NeighbourRequirement(scope: .task, link: name, address: $0, macAddress: hostMACAddress))
            }
        }
    }

    private func defaultRoute(_ family: IPFamily) -> Requirement? {
        let any: IPAddress = family == .v4 ? .v4(.any) : .v6(.any)
        guard let gateway = gateway(family), let destination = CIDRBlock(network: any, prefixLength: 0) else {
            return nil
        }
        return .route(
            RouteRequirement(scope: .task, to: destination, via: gateway, link: name, table: table))
    }

    /// A later interface answers by itself: what leaves with one of its addresses looks into its own table.
    private var ownTable: [Requirement] {
        guard let table else { return [] }
        let rules: [Requirement] = addresses.compactMap { address in
            CIDRBlock(containing: address.address, prefixLength: address.family.addressBits).map {
                .rule(RuleRequirement(scope: .task, source: $0, table: table, priority: table))
            }
        }
        guard let network = ipv4Gateway?.network, let first = addresses.first(where: { $0.family == .v4 }) else {
            return rules
        }
        let connected = RouteRequirement(
            scope: .task, to: network, link: name, source: first.address, table: table)
        return rules + [.route(connected)]
    }

    /// Only a `veth` goes through the host: the other kinds are on a network of their own.
    var hostRequirements: [Requirement] {
        guard kind == .veth else { return [] }
        return addresses.flatMap { address -> [Requirement] in
            // The subnet's own address on the host. For IPv6 the kernel finds it: it is the longest match.
            let source = address.family == .v4 ? gateway(.v4) : nil
            let neighbour = NeighbourRequirement(
                scope: .host, link: hostName, address: address.address, macAddress: eni.macAddress)
            guard let host = CIDRBlock(containing: address.address, prefixLength: address.family.addressBits) else {
                return []
            }
            let route = RouteRequirement(scope: .host, to: host, link: hostName, source: source)
            return [.neighbour(neighbour), .route(route)]
        }
    }
}
