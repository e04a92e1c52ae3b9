// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink
import TaskNetworking

/// What an event says that can be about a plan.
enum Sighting: Sendable {
    /// The host's end of an ENI, as it is now or was when it went.
    case hostEnd(Link, isRemoved: Bool)
    /// A link in a task's namespace.
    case taskLink(Link, isRemoved: Bool)
    case addressRemoved(InterfaceAddress, RequirementScope)
    /// Removed, or another in its place.
    case routeChanged(CIDRBlock, RequirementScope)
    case ruleRemoved

    /// Nil for what is of no concern there.
    init?(inTask event: NamespaceEvent) {
        switch event {
        case .link(_, let link, let isRemoved): self = .taskLink(link, isRemoved: isRemoved)
        case .addressRemoved(_, let address): self = .addressRemoved(address.address, .task)
        case .routeRemoved(_, let route), .routeReplaced(_, let route): self = .routeChanged(route.destination, .task)
        case .ruleRemoved: self = .ruleRemoved
        case .namespaceEnded, .overflow: return nil
        }
    }
}

extension Expectation {
    /// Whether what was seen can have made the plan untrue: compared by value, without asking the kernel anything.
    func isTouched(by sighting: Sighting) -> Bool {
        switch sighting {
        case .hostEnd(let link, let isRemoved): isRemoved || !madeOf.contains { $0.hasHostEnd(as: link) }
        case .taskLink(let link, let isRemoved): requirements.contains { $0.isTouched(by: link, isRemoved) }
        case .addressRemoved(let address, let scope):
            requirements.contains { requirement in
                guard case .address(let own) = requirement else { return false }
                return own.scope == scope && own.address == address
            }
        case .routeChanged(let destination, let scope):
            requirements.contains { requirement in
                guard case .route(let own) = requirement else { return false }
                return own.scope == scope && own.destination == destination
            }
        case .ruleRemoved: requirements.contains { if case .rule = $0 { true } else { false } }
        }
    }

    /// All that it was made of, what need not stay so included.
    private var madeOf: [Requirement] {
        switch content {
        case .host(let plan): plan.requirements
        case .task(let plan, _): plan.requirements
        case .sandbox(let plan, _): plan.requirements
        }
    }

    private var requirements: [Requirement] {
        if case .sandbox(let plan, _) = content { plan.hostSide.requirements } else { madeOf }
    }
}

extension VethRequirement {
    /// Whether the link is the host's end of this, and as this has it.
    func hasHostEnd(as link: Link) -> Bool {
        hostName.text == link.name && alias == link.alias && hostMACAddress == link.macAddress && mtu == link.mtu
            && link.isUp && (hostGroup.map { $0 == link.group } ?? true)
    }
}

extension Requirement {
    fileprivate func hasHostEnd(as link: Link) -> Bool {
        if case .veth(let veth) = self { veth.hasHostEnd(as: link) } else { false }
    }

    /// Whether the link in the task's namespace is this one, and is not as this has it.
    fileprivate func isTouched(by link: Link, _ isRemoved: Bool) -> Bool {
        let (name, macAddress, mtu, isUp): (InterfaceName, MACAddress?, Int?, Bool)
        switch self {
        case .veth(let veth): (name, macAddress, mtu, isUp) = (veth.name, veth.macAddress, veth.mtu, true)
        case .madeLink(let made): (name, macAddress, mtu, isUp) = (made.name, nil, made.mtu, true)
        case .device(let device):
            (name, macAddress, mtu, isUp) = (device.name, device.original.macAddress, device.mtu, device.isUp)
        case .link(let settings) where settings.scope == .task:
            (name, macAddress, mtu, isUp) = (settings.name, nil, nil, settings.isUp == true)
        default: return false
        }
        guard link.name == name.text else { return macAddress != nil && link.macAddress == macAddress }
        return isRemoved || macAddress.map { $0 != link.macAddress } ?? false || mtu.map { $0 != link.mtu } ?? false
            || isUp && !link.isUp
    }
}
