// SPDX-License-Identifier: Apache-2.0

/// Why no plan can be made of a request. Nothing has been touched when it is thrown.
package enum PlanError: Error, Hashable, Sendable, CustomStringConvertible {
    case noInterfaces(task: String)
    case taskID(String)
    case position(Int, eni: String)
    case positionTwice(Int)
    case nameTwice(String)
    case interfaceTwice(eni: String)
    case noAddress(eni: String)
    case noIPv4Gateway(eni: String)
    case addressOutsideSubnet(eni: String, address: String, subnet: String)
    case addressIsGateway(eni: String, address: String)
    case mtu(Int, eni: String, allowed: ClosedRange<Int>)
    case deviceHasOtherMAC(eni: String, device: String, found: String, expected: String)
    case vlanID(Int, eni: String)
    case noIPv6(eni: String)
    case name(NameError)

    package var description: String {
        switch self {
        case .noInterfaces(let task):
            "task \(task) has no network interface: give it one at least"
        case .taskID(let id):
            "task id \(id.debugDescription): 1 to 128 letters, digits, '.', '_' and '-' are allowed"
        case .position(let position, let eni):
            """
            network interface \(eni): position \(position) is not between 0 and \(TaskNetworkPlanner.maximumPosition): \
            choose one that is
            """
        case .positionTwice(let position):
            "two network interfaces of the task have the position \(position): give each an index of its own"
        case .nameTwice(let name):
            "two network interfaces of the task have the name \(name): give each a name of its own, or none"
        case .interfaceTwice(let eni):
            "network interface \(eni) is there twice: leave one out"
        case .noAddress(let eni):
            "network interface \(eni) has neither an IPv4 nor an IPv6 address: give it one"
        case .noIPv4Gateway(let eni):
            "network interface \(eni) has an IPv4 address and no IPv4 subnet gateway: give it one, such as 10.0.4.1/24"
        case .addressOutsideSubnet(let eni, let address, let subnet):
            "network interface \(eni): address \(address) is outside its subnet \(subnet): choose one inside"
        case .addressIsGateway(let eni, let address):
            "network interface \(eni): address \(address) is its subnet's gateway: choose another"
        case .mtu(let mtu, let eni, let allowed):
            """
            network interface \(eni): MTU \(mtu) is not between \(allowed.lowerBound) and \(allowed.upperBound): \
            change mtu, or leave it out to take the uplink's
            """
        case .deviceHasOtherMAC(let eni, let device, let found, let expected):
            """
            network interface \(eni): device \(device) has the MAC address \(found), not \(expected): \
            correct one of the two
            """
        case .vlanID(let id, let eni):
            "network interface \(eni): VLAN id \(id) is not between 1 and 4094: choose one that is"
        case .noIPv6(let eni):
            """
            network interface \(eni) has an IPv6 address, and IPv6 is switched off on this host: \
            switch it on (the kernel's ipv6.disable=0), or leave the address out
            """
        case .name(let error):
            error.description
        }
    }
}
