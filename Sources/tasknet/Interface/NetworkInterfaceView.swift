// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import VPC

/// An ENI in full, for people.
struct NetworkInterfaceView {
    let eni: NetworkInterfaceDescription

    func lines(styled: Bool) -> [String] {
        var lines = ValuePairs([
            ("ENI", eni.networkInterfaceId), ("Owner", ENICommand.List.owner(of: eni)), ("Task", eni.taskArn),
            ("Status", eni.status?.rawValue), ("Kind", eni.interfaceType?.rawValue), ("Name", eni.interfaceName),
            ("On the host", eni.hostInterfaceName), ("MAC address", eni.macAddress),
            ("IPv4", eni.privateIpv4Addresses.joined(separator: ", ")),
            ("IPv6", eni.ipv6Addresses.joined(separator: ", ")), ("Subnet", eni.subnetId),
            ("DNS name", eni.privateDnsName), ("MTU", eni.mtu.map(String.init)), ("Attachment", eni.attachmentId),
            ("Network namespace", eni.sandbox?.networkNamespace), ("Groups", groups), ("Enforced", enforced),
        ]).lines()
        let dropped = "Dropped on the host"
        lines += ["", styled ? Style.bold.painted(dropped) : dropped]
        if let drops = eni.drops {
            lines += table(drops).lines(styled: styled, indentation: 2)
        } else {
            lines.append("  not counted: " + (eni.enforced == false ? Self.elsewhere : "nothing is enforced now"))
        }
        return lines
    }

    private static let elsewhere = "its packets do not cross the host's stack"

    private var groups: String {
        let names = (eni.securityGroups ?? []).map { group in
            group.groupName.map { "\($0) (\(group.groupId))" } ?? group.groupId
        }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private var enforced: String? { eni.enforced.map { $0 ? "yes" : "no: \(Self.elsewhere)" } }

    private func table(_ drops: DropCounters) -> Table {
        var table = Table("REASON", ">PACKETS", ">BYTES")
        let reasons: [(String, DropCounters.Counter?)] = [
            ("sent with an address that is not its own", drops.spoofed),
            ("sent to the instance metadata service", drops.instanceMetadata),
            ("sent, and no rule of its groups allows it", drops.deniedEgress),
            ("sent to it, and no rule of its groups allows it", drops.deniedIngress),
            ("refused by its subnet's route", drops.noRoute),
        ]
        for (reason, counter) in reasons {
            guard let counter else { continue }
            table.rows.append([reason, String(counter.packets), String(counter.bytes)].map { Table.Cell($0) })
        }
        return table
    }
}
