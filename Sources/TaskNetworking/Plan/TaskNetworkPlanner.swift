// SPDX-License-Identifier: Apache-2.0
package import Addressing
import VPC

/// From what is wanted and what the host is like to the full list of what must be true. Pure: no input, no output.
package enum TaskNetworkPlanner {
    /// The last place among a task's interfaces. It bounds the routing tables that are taken.
    package static let maximumPosition = 255
    /// Interfaces after the first have routing table and rule priority of this plus their position, the numbers that
    /// amazon-ec2-net-utils uses on an EC2 instance.
    package static let firstTable: UInt32 = 10_000
    /// 169.254.169.254 and fd00:ec2::254, where instance metadata is served.
    package static let instanceMetadata: [IPAddress] = [
        .v4(IPv4Address(rawValue: 0xa9fe_a9fe)), .v6(IPv6Address(high: 0xfd00_0ec2_0000_0000, low: 0x254)),
    ]

    /// The plan of a task's network.
    ///
    /// The order is the order of apply: the namespace, the links, what is inside, and last the host's routes, so that
    /// nothing arrives before everything is ready for it.
    package static func plan(_ request: TaskNetworkRequest, on host: HostFacts) throws(PlanError) -> TaskNetworkPlan {
        try checkTaskID(request.taskID)
        let interfaces = try interfacePlans(request, host)
        // What belongs to the task and not to an interface comes with the primary one.
        let isWhole = interfaces.contains { $0.position == 0 }
        var inside: [Requirement] = []
        var outside: [Requirement] = []
        var remarks: [String] = []

        for interface in interfaces { inside += interface.linkRequirements }
        // Not before the links: what the kernel does about a lo that comes up holds up the next link that is made.
        let mark = request.ownsNamespace ? TaskMark(taskID: request.taskID).alias : nil
        inside.append(.link(LinkRequirement(scope: .task, name: .loopback, alias: mark)))
        for interface in interfaces {
            inside += interface.addressRequirements
            inside += interface.routeRequirements
            outside += interface.hostRequirements
        }
        if isWhole {
            inside += try localRoutes(request, interfaces, &remarks)
            inside += endpoints(request)
        }
        if request.blocksInstanceMetadata { inside += blackholes(interfaces) }
        // Last of all inside, when the kernel has most likely come to it by itself.
        for interface in interfaces where interface.kind == .veth {
            let ipv6Addresses = interface.addresses.compactMap(\.address.v6)
            inside.append(.ready(ReadyRequirement(name: interface.name, ipv6Addresses: ipv6Addresses)))
        }

        var requirements: [Requirement] = request.ownsNamespace ? [.namespace(NamespaceRequirement())] : []
        requirements += inside + outside
        // In a namespace of somebody else's the files are theirs, and so is the host's name.
        if isWhole, request.ownsNamespace || request.filesDirectory != nil { requirements += try files(request) }
        return TaskNetworkPlan(
            taskID: request.taskID, namespacePath: request.namespacePath, requirements: requirements, remarks: remarks)
    }

    private static func checkTaskID(_ id: String) throws(PlanError) {
        let isGood = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isGood, (1...128).contains(id.utf8.count) else { throw .taskID(id) }
    }

    private static func interfacePlans(
        _ request: TaskNetworkRequest, _ host: HostFacts
    ) throws(PlanError) -> [InterfacePlan] {
        if request.interfaces.isEmpty { throw .noInterfaces(task: request.taskID) }
        let ordered = request.interfaces.sorted {
            ($0.position ?? $0.networkInterface.index) < ($1.position ?? $1.networkInterface.index)
        }
        var plans: [InterfacePlan] = []
        for (rank, interface) in ordered.enumerated() {
            let position = interface.position ?? rank
            let eni = interface.networkInterface.id
            guard (0...maximumPosition).contains(position) else { throw .position(position, eni: eni) }
            let plan = try InterfacePlan(
                taskID: request.taskID, request: interface, position: position,
                isAlone: position == 0 && ordered.count == 1, host: host)
            for other in plans {
                if other.position == position { throw .positionTwice(position) }
                if other.name == plan.name { throw .nameTwice(plan.name.text) }
                if other.eni.id == eni { throw .interfaceTwice(eni: eni) }
            }
            plans.append(plan)
        }
        return plans
    }

    /// Networks that are to be reached by way of the host. The default route of a primary `veth` leads there already.
    private static func localRoutes(
        _ request: TaskNetworkRequest, _ interfaces: [InterfacePlan], _ remarks: inout [String]
    ) throws(PlanError) -> [Requirement] {
        if request.additionalLocalRoutes.isEmpty { return [] }
        guard let way = interfaces.first(where: { $0.kind == .veth }) else {
            let list = request.additionalLocalRoutes.map(\.description).joined(separator: ", ")
            remarks.append("additional local routes left out (\(list)): no interface of the task leads to the host")
            return []
        }
        if way.position == 0 { return [] }
        return request.additionalLocalRoutes.compactMap { destination in
            guard let gateway = way.gateway(destination.family) else {
                let reason = "\(way.name) has no \(destination.family)"
                remarks.append("additional local route \(destination) left out: \(reason)")
                return nil
            }
            return .route(RouteRequirement(scope: .task, to: destination, via: gateway, link: way.name))
        }
    }

    private static func endpoints(_ request: TaskNetworkRequest) -> [Requirement] {
        request.endpointAddresses.map {
            .address(AddressRequirement(scope: .task, link: .loopback, address: InterfaceAddress(host: .v4($0))))
        }
    }

    /// A route to nowhere in each table that could lead there. Instance metadata is IPv4 for every task, because a
    /// task without IPv4 addresses cannot reach it anyway, and the route is one message.
    private static func blackholes(_ interfaces: [InterfacePlan]) -> [Requirement] {
        interfaces.flatMap { interface in
            instanceMetadata.filter { interface.families.contains($0.family) }.compactMap { address in
                CIDRBlock(containing: address, prefixLength: address.family.addressBits).map {
                    .route(RouteRequirement(scope: .task, type: .blackhole, to: $0, table: interface.table))
                }
            }
        }
    }

    private static func files(_ request: TaskNetworkRequest) throws(PlanError) -> [Requirement] {
        do throws(NameError) {
            let files = try TaskFiles(
                hostname: request.hostname, interfaces: request.interfaces.map(\.networkInterface))
            guard let directory = request.filesDirectory else { return [] }
            return [
                .file(FileRequirement(path: try directory.appending("hosts"), contents: files.hosts)),
                .file(FileRequirement(path: try directory.appending("resolv.conf"), contents: files.resolvConf)),
                .file(FileRequirement(path: try directory.appending("hostname"), contents: files.hostname + "\n")),
            ]
        } catch {
            throw .name(error)
        }
    }
}
