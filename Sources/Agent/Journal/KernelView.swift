// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import TaskNetworking

/// What the daemon's parts may ask of the kernel's networks. What changes them goes by the journal.
protocol KernelView: Sendable {
    var hostNamespace: NetworkNamespace { get }

    func check(_ plans: [CheckedPlan]) throws -> [Result<[Drift], TaskNetworkError>]
    func check(_ plan: TaskNetworkPlan) throws -> [Drift]
    func check(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace) throws -> [Drift]
    func check(_ plan: HostNetworkPlan) throws -> [Drift]

    func survey(namespaceDirectory: AbsolutePath?) throws -> NetworkSurvey

    func hostFacts() throws -> HostFacts
    func hostMTU(of name: InterfaceName) throws -> Int?
    func hostDevice(macAddress: MACAddress, waitingAtMost timeout: Duration) async throws -> HostDevice
    func removedHostLinks() throws -> LinkEvents
    func conflicts(of blocks: [CIDRBlock]) throws -> [HostConflict]
    func uplinks() throws -> [Uplink]
    func linkName(_ index: Int32) throws -> String?

    func sandbox(at path: AbsolutePath) throws -> Sandbox
    func facts(of sandbox: Sandbox) throws -> SandboxFacts
    func links(of plan: TaskNetworkPlan, in sandbox: Sandbox) throws -> (host: LinkSummary?, sandbox: LinkSummary?)
}

extension TaskNetwork: KernelView {}
