// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Firewall
import Netfilter
import Netlink
import VPC

/// The analysis of one path: what the model says of it, and what the kernel has.
struct PathAnalysis: Sendable {
    typealias Output = TaskNetworkAPI.AnalyzeNetworkPath.Output

    let source: PathEnd
    let destination: PathEnd
    let path: PathAddresses
    let judgement: Judgement
    let facts: KernelFacts
    /// Without a probe.
    let output: Output

    /// Blocks for as long as the kernel takes.
    ///
    /// - Parameter firewall: nil where nothing is enforced.
    init(
        from source: PathEnd, to destination: PathEnd, _ input: TaskNetworkAPI.AnalyzeNetworkPath.Input,
        in model: NetworkModel, _ kernel: PathKernel, _ firewall: Firewall?
    ) throws {
        let host = model.vpcNetwork().host
        let paths = try PathAddresses.all(from: source, to: destination) { family, other in
            try kernel.hostAddress(family, facing: other, host)
        }
        guard let path = paths.first else { throw PathAddresses.none(from: source, to: destination) }
        let own = try paths.flatMap { [$0.source, $0.destination] }.filter { address in
            try !host.addresses.contains(address) && kernel.isHost(address)
        }
        let network = model.vpcNetwork(otherAddresses: own)
        func judge(_ path: PathAddresses) throws -> Judgement {
            network.judge(
                Flow(
                    source: path.source, destination: path.destination,
                    transport: try input.transport(isIPv6: path.family == .v6)))
        }
        let judgement = try judge(path)

        var facts = KernelFacts()
        try facts.add(kernel, PathPlaces(judgement, network), path, source, destination)
        if judgement.crossesFirewall {
            if let firewall {
                let names = Dictionary(
                    model.interfaces.compactMap { record in record.hostName.map { (record.id, $0) } }
                ) { first, _ in first }
                try facts.add(firewall, judgement, model.firewallState) { names[$0] }
            } else {
                facts.add(
                    .forward,
                    .differs(
                        "tasknetd could not set its packet filter up: nothing is judged",
                        mend: "see journalctl -u tasknetd and tasknet doctor, then \(Mend.restart)"))
            }
        }

        var output = Output(judgement, in: network)
        output.add(facts, judgement)
        output.source?.name(source)
        output.destination?.name(destination)
        for step in (output.forwardPathComponents ?? []).indices {
            output.forwardPathComponents?[step].component.name(source, destination)
        }
        for other in paths.dropFirst() {
            let text = network.remark(try judge(other), unlike: judgement)
            output.remarks = (output.remarks ?? []) + [text].compactMap(\.self)
        }
        self.source = source
        self.destination = destination
        self.path = path
        self.judgement = judgement
        self.facts = facts
        self.output = output
    }
}

extension PathKernel {
    /// What the host is to the other end of a path: the gateway of the ENI's subnet, or what the kernel would send from.
    fileprivate func hostAddress(
        _ family: IPFamily, facing other: PathEnd, _ host: VPCNetwork.Host
    ) throws -> IPAddress? {
        let gateways = host.addresses.filter { $0.family == family }
        guard let address = other.addresses.first(where: { $0.family == family }) else {
            return other.isHost ? gateways.first : nil
        }
        if let id = other.judged?.networkInterface.subnetID,
            let subnet = configuration.subnets.first(where: { $0.id == id }),
            let gateway = gateways.first(where: subnet.contains)
        {
            return gateway
        }
        return try hostAddress(to: address) ?? gateways.first
    }
}

extension Judgement {
    /// Whether the host's packet filter has a word in it.
    var crossesFirewall: Bool { verdict != .unjudged && steps.contains { $0.groups?.isEnforced == true } }
}

extension VPCNetwork {
    /// What is to be said of the other IP version, where it fares otherwise.
    fileprivate func remark(_ other: Judgement, unlike judgement: Judgement) -> String? {
        guard (other.verdict == .denied) != (judgement.verdict == .denied) else { return nil }
        let version = other.flow.source.family == .v4 ? "IPv4" : "IPv6"
        let step = other.steps.first { $0.code != nil }
        let reason = step.map { ": \(text($0))" } ?? ""
        return other.verdict == .denied
            ? "over \(version) it is not reachable (\(other.flow))\(reason)"
            : "over \(version) it is reachable (\(other.flow))"
    }
}

extension NetworkPath.End {
    fileprivate mutating func name(_ end: PathEnd) {
        text = end.text
        component.name(end)
    }
}

extension NetworkPath.Component {
    fileprivate mutating func name(_ ends: PathEnd...) {
        for record in ends.compactMap(\.record) where record.id == id { name = record.ownerText }
    }
}
