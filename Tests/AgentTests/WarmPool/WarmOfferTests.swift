// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import TaskNetworking
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Namespaces that are ready: whose they are", .requiresRoot)
struct WarmOfferTests {
    @Test("one that an ENI was named after is kept for that ENI: two links are never on their way to one name")
    func kept() async throws {
        let configure: (inout AgentConfiguration) -> Void = { $0.warmPool = .init(minimum: 1, maximum: 1) }
        try await NetworkHost.with(configure) { host in
            let journal = NetworkJournal(host.store, kernel: try TaskNetwork(host: host.host.namespace))
            let pool = WarmPool(host.context, journal: journal)
            let running = Task { try await pool.run() }
            while pool.describe().ready < 1 { try await Task.sleep(for: .milliseconds(5)) }

            let identity = try #require(pool.offer())
            #expect(pool.offer() == nil)
            func plan(of id: String) throws -> TaskNetworkPlan {
                let pair = VethRequirement(
                    name: try InterfaceName("eth0"), macAddress: identity.macAddress,
                    hostName: try InterfaceName("tn-" + String(id.suffix(12))), hostMACAddress: identity.macAddress,
                    mtu: 1500, alias: "tasknet a b")
                let requirements: [Requirement] = [.namespace(.init()), .veth(pair)]
                return TaskNetworkPlan(
                    taskID: "a", namespacePath: try AbsolutePath("/x"), requirements: requirements)
            }
            let (stranger, owner) = try await pool.duringProvision { source in
                (source(try plan(of: "eni-0123456789abcdef0")), source(try plan(of: identity.networkInterfaceID)))
            }
            #expect(stranger == nil)
            #expect(owner?.identity == identity)
            running.cancel()
            _ = try? await running.value
        }
    }
}
