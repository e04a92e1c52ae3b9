// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// Why a task's network cannot be made. The texts are for the one who asked for the task.
enum NetworkServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSubnet
    case unknownSubnet(String, known: [String])
    case noParentInterface(kind: String)
    case missingParentInterface(String, kind: String)
    case mtuAboveParent(Int, name: String, parent: Int, kind: String)
    case hostSideChanged(String, subnet: String)
    case notRouted(kind: String)
    case noBlock(IPAddress, subnet: String)
    case onlyIPv6(subnet: String)
    case noInterfaces(task: String)
    case notRunning(task: String, status: String)
    case noLongerWanted(interface: String)
    case released(task: String)

    static func notRunning(_ task: TaskRecord) -> Self {
        .notRunning(task: task.id, status: (task.stopCode == nil ? task.lastStatus : .stopping).rawValue)
    }

    var description: String {
        switch self {
        case .noSubnet:
            "subnets can not be empty."
        case .unknownSubnet(let id, let known):
            "The subnet ID '\(id)' does not exist (configured: \(known.isEmpty ? "none" : known.joined(separator: ", ")))"
        case .noParentInterface(let kind):
            "an ENI of kind \(kind) needs a NIC of the host: set parentInterface in the configuration"
        case .missingParentInterface(let name, let kind):
            "the host has no NIC \(name), which an ENI of kind \(kind) needs: correct parentInterface"
        case .mtuAboveParent(let mtu, let name, let parent, let kind):
            """
            an ENI of kind \(kind) cannot have the MTU \(mtu) on the NIC \(name), which has \(parent): give at most that, \
            or raise the NIC's
            """
        case .hostSideChanged(let difference, let subnet):
            """
            something has changed the host's side of subnet \(subnet) (\(difference)): restart tasknetd, which makes it \
            again
            """
        case .notRouted(let kind):
            """
            the subnets are on a LAN of their own (interfaceType \(kind) in the configuration), which the host does not \
            route: leave interfaceType out, or give \(kind)
            """
        case .noBlock(let address, let subnet):
            "The subnet ID '\(subnet)' has no \(address.family) block that \(address) could be of: leave the address out"
        case .onlyIPv6(let subnet):
            "The subnet ID '\(subnet)' has IPv6 only, and ipv6 is false: leave it out, or name another subnet"
        case .noInterfaces(let task):
            "task \(task) has no network interface"
        case .notRunning(let task, let status):
            "A network interface can be attached to a RUNNING task; task \(task) is \(status)."
        case .noLongerWanted(let interface):
            "\(interface) was to be detached before it was attached"
        case .released(let task):
            "task \(task) has given its network up, and does not get another one"
        }
    }
}
