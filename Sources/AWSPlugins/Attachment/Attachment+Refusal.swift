// SPDX-License-Identifier: Apache-2.0

import Addressing
import CNI
import Linux
import Netlink
import TaskNetworking

// A NIC that leaves the host loses more there than can be given back: routes over it, say. So what the kernel would refuse
// later is refused before.
extension Attachment {
    /// - Parameter taken: the families whose gateway is left out.
    /// - Throws: the step that cannot come true, in the words that it would fail with.
    func refuseWhatCannotBe(_ survey: NamespaceSurvey, without taken: Set<IPFamily>) throws(CNIError) {
        for step in steps(without: taken) {
            if let reason = reason(against: step.requirement, survey) {
                throw CNIError(.failed, "set up \(step.requirement): \(reason)", details: "this is for \(step.key)")
            }
        }
    }

    private func reason(against requirement: Requirement, _ survey: NamespaceSurvey) -> String? {
        switch requirement {
        case .device(let device):
            guard let link = survey.link(name), link.macAddress != device.original.macAddress else { return nil }
            return "\(ConflictError(link, hasTheName: name))"
        case .address(let requirement): return reason(against: requirement.address)
        case .route(let route): return route.gateway.flatMap(reason(againstGateway:))
        default: return nil
        }
    }

    private func reason(against address: InterfaceAddress) -> String? {
        if address.address.isUnspecified { return "no interface can have this address" }
        guard address.family == .v6 else { return nil }
        if address.address.isMulticast || address.address.isLoopback { return "no interface can have this address" }
        let setting = try? Sysctl.ipv6(interface: "default", "disable_ipv6").read(in: container.namespace)
        return setting == "1"
            ? "IPv6 is disabled in the namespace: set its sysctl net.ipv6.conf.default.disable_ipv6 to 0" : nil
    }

    private func reason(againstGateway gateway: IPAddress) -> String? {
        if addresses.contains(where: { $0.address == gateway }) { return "the gateway is an address of the ENI's own" }
        // The kernel gives every link an IPv6 address that reaches these.
        if gateway.family == .v6, gateway.isLinkLocal { return nil }
        let isReached = addresses.contains { $0.network?.contains(gateway) == true }
        return isReached ? nil : "the gateway is unreachable: it is in the network of none of the ENI's addresses"
    }
}
