// SPDX-License-Identifier: Apache-2.0
import Logging
import SystemPackage
import TaskNetworking
import VPC

extension TaskNetworkService {
    /// Makes a task's network, or finds it made: every step can be repeated.
    func provision(_ task: TaskRecord) async throws {
        let (interfaces, stored) = try await store.read {
            (try $0.networkInterfaces(taskID: task.id), try $0.networkPlans(taskID: task.id))
        }
        let base = interfaces.filter { !$0.isHotAttached }
        // Not in the turn: a device may have to be waited for.
        let planned =
            if let known = stored.first(where: \.isWhole)?.plan {
                known
            } else {
                try await traced(.plan) { try await makePlan(task, base) }
            }
        try await journal.inTurn(of: .task(task.id)) {
            try Task.checkCancellation()
            try await journal.make(
                .provision,
                intent: { try $0.begin(planned, of: task) },
                kernel: { kernel, plan in
                    try await apply(plan, of: base, by: kernel)
                    for remark in plan.remarks { log.notice("\(remark)", metadata: ["task": "\(task.id)"]) }
                    try Task.checkCancellation()
                },
                outcome: { store, _ in
                    for interface in base { try store.setStatus(.attached, of: interface.id) }
                })
        }
    }

    /// Makes a plan with these ENIs true, which the firewall knows before their links are there.
    func apply(
        _ plan: TaskNetworkPlan, of interfaces: [NetworkInterfaceRecord], by kernel: TaskNetwork
    ) async throws {
        var plan = plan
        for interface in interfaces { plan = try await admit(interface, plan) }
        let namespaces = taskNamespaces
        try await pool.duringProvision { warm in
            try await traced(.kernel) {
                let applied = try await Blocking.run { [plan] in
                    try kernel.apply(plan, from: warm) { try namespaces.add($0, of: plan.taskID) }
                }
                TracePlace.add(applied.timed)
            }
        }
        for interface in interfaces { try await settle(interface, plan) }
    }

    /// Has the firewall know an ENI before its link is there.
    /// - Returns: the plan, by which the link is born in the group that it has there.
    func admit(_ interface: NetworkInterfaceRecord, _ plan: TaskNetworkPlan) async throws -> TaskNetworkPlan {
        guard let linkGroup = try await traced(.firewall, { try await groups.admit(interface) }),
            let hostName = interface.networkInterface.hostInterfaceName
        else { return plan }
        let admitted = plan.settingLinkGroup(linkGroup, of: hostName)
        if admitted != plan { try await store.write { try $0.setLinkGroup(linkGroup, of: interface) } }
        return admitted
    }

    /// Sees to it that a link that has just been made is in its group, where the ENI's groups were changed meanwhile.
    ///
    /// - Parameter plan: by which it was made.
    func settle(_ interface: NetworkInterfaceRecord, _ plan: TaskNetworkPlan) async throws {
        guard let hostName = interface.networkInterface.hostInterfaceName, let born = plan.linkGroup(of: hostName)
        else {
            return
        }
        try await traced(.settle) {
            if try await groups.linkGroup(ofHostEnd: hostName) != born { try await groups.admit(interface) }
        }
    }

    private func makePlan(_ task: TaskRecord, _ interfaces: [NetworkInterfaceRecord]) async throws -> TaskNetworkPlan {
        guard let primary = interfaces.first else { throw NetworkServiceError.noInterfaces(task: task.id) }
        var requests: [InterfaceRequest] = []
        // All at once: the clock may step while the first is waited for.
        for (interface, deadline) in interfaces.map({ ($0, $0.deviceDeadline) }) {
            var request = try await request(interface, waitingUntil: deadline)
            request.linkGroup = try await traced(.firewall) { try await groups.linkGroup(of: interface) }
            requests.append(request)
        }
        let request = TaskNetworkRequest(
            taskID: task.id, namespacePath: try AbsolutePath(configuration.namespacePath(task.id).string),
            hostname: task.hostname ?? primary.networkInterface.hostname ?? task.id, interfaces: requests,
            blocksInstanceMetadata: configuration.blockInstanceMetadata,
            additionalLocalRoutes: configuration.additionalLocalRoutes,
            filesDirectory: try AbsolutePath(configuration.taskRuntimeDirectory(task.id).string))
        return try await plan(request)
    }

    func plan(_ request: TaskNetworkRequest) async throws -> TaskNetworkPlan {
        let kernel = kernel
        return try await Blocking.run { try TaskNetworkPlanner.plan(request, on: try kernel.hostFacts()) }
    }
}

extension StoreTransaction {
    /// Writes the plan that a task begins with, unless it has one.
    ///
    /// - Returns: the one that it has.
    /// - Throws: where it is being released, or was: its addresses may be others' by now.
    fileprivate func begin(_ plan: TaskNetworkPlan, of task: TaskRecord) throws -> TaskNetworkPlan {
        let base = try networkInterfaces(taskID: task.id).filter { !$0.isHotAttached }
        guard base.allSatisfy({ !$0.isOver && $0.status != .detaching }) else {
            throw NetworkServiceError.released(task: task.id)
        }
        let plans = try networkPlans(taskID: task.id)
        if let known = plans.first(where: \.isWhole) { return known.plan }
        try setNetworkPlans([MadeNetwork(plan)] + plans, taskID: task.id)
        for interface in base { try setStatus(.attaching, of: interface.id) }
        return plan
    }
}
