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
            "task \(task) has no network interface"
        case .taskID(let id):
            "task id \(id.debugDescription): 1 to 128 letters, digits, '.', '_' and '-' are allowed"
        case .position(let position, let eni):
            "network interface \(eni): position \(position) is not between 0 and \(TaskNetworkPlanner.maximumPosition)"
        case .positionTwice(let position):
            "two network interfaces of the task have the position \(position)"
        case .nameTwice(let name):
            "two network interfaces of the task have the name \(name)"
        case .interfaceTwice(let eni):
            "network interface \(eni) is there twice"
        case .noAddress(let eni):
            "network interface \(eni) has neither an IPv4 nor an IPv6 address"
        case .noIPv4Gateway(let eni):
            "network interface \(eni) has an IPv4 address and no IPv4 subnet gateway"
        case .addressOutsideSubnet(let eni, let address, let subnet):
            "network interface \(eni): address \(address) is outside its subnet \(subnet)"
        case .addressIsGateway(let eni, let address):
            "network interface \(eni): address \(address) is its subnet's gateway"
        case .mtu(let mtu, let eni, let allowed):
            "network interface \(eni): MTU \(mtu) is not between \(allowed.lowerBound) and \(allowed.upperBound)"
        case .deviceHasOtherMAC(let eni, let device, let found, let expected):
            "network interface \(eni): device \(device) has the MAC address \(found), not \(expected)"
        case .vlanID(let id, let eni):
            "network interface \(eni): VLAN id \(id) is not between 1 and 4094"
        case .noIPv6(let eni):
            "network interface \(eni) has an IPv6 address, and IPv6 is switched off on this host"
        case .name(let error):
            error.description
        }
    }
}
