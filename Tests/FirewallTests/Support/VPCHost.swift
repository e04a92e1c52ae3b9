// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Linux
import Netlink
import SystemPackage
import TaskNetworking
import TestSupport
import Testing
import VPC

/// A host with subnets, tasks with one ENI each, somebody outside, and the firewall between them.
///
///     outside 203.0.113.9, 2001:db8:ffff::9 --- "uplink" 203.0.113.1, 2001:db8:ffff::1 --- tasks in 10.0.<1..3>.0/24
///
/// Subnet 1 is `nat`, 2 is `public` and 3 has the route `none`.
final class VPCHost {
    let test: TestHost
    let network: TaskNetwork
    let facts: HostFacts
    let links: RouteConnection
    let outside: NetworkNamespace
    let firewall: Firewall
    var state: FirewallState
    private(set) var tasks: [String: Task] = [:]

    struct Task {
        let eni: NetworkInterface
        let namespace: NetworkNamespace
        var interface: FirewallInterface
        /// The MAC of the host's end.
        let router: MACAddress

        var ipv4: String { eni.primaryIPv4?.description ?? "" }
        var ipv6: String { eni.primaryIPv6?.description ?? "" }
    }

    private init(_ test: TestHost) throws {
        self.test = test
        network = try TaskNetwork(host: test.namespace)
        facts = try network.hostFacts()
        links = try RouteConnection(in: test.namespace)
        outside = try test.makeNamespace("outside")
        firewall = try Firewall(host: test.namespace)
        let subnets = try [SubnetRoute.nat, .public, .none].enumerated().map { index, route in
            try Self.subnet(index + 1, route)
        }
        let gateways = subnets.flatMap(\.cidrBlocks).compactMap { $0.address(at: 1) }
        state = FirewallState(
            vpcBlocks: [try CIDRBlock(parsing: "10.0.0.0/16"), try CIDRBlock(parsing: "2001:db8::/48")],
            subnets: subnets, host: FirewallHost(addresses: gateways, securityGroupIDs: []))
        _ = try network.apply(HostNetworkPlan(subnets: subnets, host: facts))
        try connectOutside()
    }

    static func with(_ body: (VPCHost) throws -> Void) throws {
        try TestHost.with { test in
            let host = try VPCHost(test)
            try body(host)
        }
    }

    private static func subnet(_ number: Int, _ route: SubnetRoute) throws -> Subnet {
        Subnet(
            name: "subnet\(number)", ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.0.\(number).0/24"),
            ipv6CIDRBlock: try IPv6CIDRBlock(parsing: "2001:db8:0:\(number)::/64"), route: route)
    }

    private func connectOutside() throws {
        for command in [
            "ip link add uplink type veth peer name eth0 netns \(test.namespacePath("outside"))",
            "ip addr add 203.0.113.1/24 dev uplink", "ip addr add 2001:db8:ffff::1/64 dev uplink nodad",
            "ip link set uplink up", "ip route add default via 203.0.113.9",
            "ip route add default via 2001:db8:ffff::9",
            "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
        ] { try run(command) }
        for command in [
            "ip link set lo up", "ip addr add 203.0.113.9/24 dev eth0",
            "ip addr add 2001:db8:ffff::9/64 dev eth0 nodad", "ip link set eth0 up",
            "ip route add 10.0.0.0/16 via 203.0.113.1", "ip route add 2001:db8::/48 via 2001:db8:ffff::1",
            "ip route add default via 203.0.113.1",
        ] { try run(command, in: outside) }
    }

    @discardableResult
    func run(_ command: String, in namespace: NetworkNamespace? = nil) throws -> ProgramOutput {
        try TestSupport.run(command.split(separator: " ").map(String.init), in: namespace ?? test.namespace)
    }

    /// Whether an address answers. An answer that has to come is waited for, one that must not for a second.
    func answers(_ address: String, to namespace: NetworkNamespace, expected: Bool) throws -> Bool {
        try attempt(["ping", "-n", "-c", "1", "-W", expected ? "20" : "1", address], in: namespace).succeeded
    }

    func task(_ name: String) throws -> Task { try #require(tasks[name]) }

    /// A task with an ENI in a subnet (1 nat, 2 public, 3 none), known to the firewall.
    @discardableResult
    func addTask(_ name: String, subnet number: Int = 1, groups: [String] = [], isKnown: Bool = true) throws -> Task {
        let subnet = state.subnets[number - 1]
        var generator = SystemRandomNumberGenerator()
        let offset = UInt64(4 + tasks.count)
        let eni = NetworkInterface(
            in: subnet, ipv4Address: subnet.ipv4CIDRBlock?.address(at: offset),
            ipv6Address: subnet.ipv6CIDRBlock?.address(at: UInt128(offset)), using: &generator)
        let request = TaskNetworkRequest(
            taskID: name, namespacePath: try AbsolutePath(test.namespacePath(name).string), hostname: name,
            interfaces: [InterfaceRequest(networkInterface: eni, attachment: .veth)])
        _ = try network.apply(try TaskNetworkPlanner.plan(request, on: facts))
        let hostName = try #require(eni.hostInterfaceName)
        let interface = FirewallInterface(eni, hostName: hostName, securityGroupIDs: groups)
        let task = Task(
            eni: eni, namespace: try NetworkNamespace(path: test.namespacePath(name)), interface: interface,
            router: try #require(try links.link(named: hostName).macAddress))
        tasks[name] = task
        state.interfaces.append(interface)
        if isKnown { try firewall.add(interface) }
        return task
    }

    /// The state as the model has it, with the host's address on the uplink.
    func model() throws -> VPCNetwork {
        VPCNetwork(
            cidrBlocks: state.vpcBlocks, subnets: state.subnets, securityGroups: state.securityGroups,
            prefixLists: state.prefixLists,
            endpoints: tasks.values.map {
                VPCNetwork.Endpoint(
                    networkInterfaceID: $0.eni.id, addresses: $0.eni.addresses,
                    securityGroupIDs: $0.interface.securityGroupIDs, subnetID: $0.eni.subnetID)
            },
            host: VPCNetwork.Host(
                addresses: state.host.addresses,
                otherAddresses: [try IPAddress(parsing: "203.0.113.1"), try IPAddress(parsing: "2001:db8:ffff::1")],
                securityGroupIDs: state.host.securityGroupIDs),
            blocksInstanceMetadata: state.blocksInstanceMetadata)
    }

    func move(_ name: String, to groups: [String]) throws {
        var task = try task(name)
        try firewall.setGroups(of: task.interface, to: groups)
        task.interface.securityGroupIDs = groups
        tasks[name] = task
        state.interfaces.removeAll { $0.hostName == task.interface.hostName }
        state.interfaces.append(task.interface)
    }

    /// What was counted for a task's ENI.
    func counters(_ name: String) throws -> FirewallCounters.InterfaceCounters {
        try #require(try firewall.counters().interfaces[try task(name).interface.hostName])
    }
}
