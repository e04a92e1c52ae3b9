// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI

extension Leftovers {
    /// The blocks of subnets that are no longer in the configuration, and stay on the host for the ENIs in them.
    func blocks(of interfaces: [NetworkInterfaceDescription]) -> [String] {
        let addresses = interfaces.flatMap { $0.privateIpv4Addresses + $0.ipv6Addresses }.compactMap { IPAddress($0) }
        return routes.compactMap(\.unreachableBlock).filter { text in
            guard let block = try? CIDRBlock(parsing: text) else { return false }
            return addresses.contains(where: block.contains)
        }
    }
}
