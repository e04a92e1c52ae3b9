// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Testing
import VPC

@testable import TaskNetworking

/// Requests and stored plans that no kernel should ever see.
@Suite struct BadPlanTests {
    private func refusal(_ change: (inout TaskNetworkRequest) throws -> Void) throws -> String {
        var request = try Sample.request(try Sample.eni(.dual))
        try change(&request)
        let changed = request
        let error = #expect(throws: PlanError.self) { try TaskNetworkPlanner.plan(changed, on: Sample.facts) }
        return error?.description ?? ""
    }

    @Test func requests() throws {
        #expect(try refusal { $0.interfaces = [] }.contains("no network interface"))
        #expect(try refusal { $0.taskID = "" }.contains("task id"))
        #expect(try refusal { $0.taskID = "a b" }.contains("task id"))
        #expect(try refusal { $0.taskID = "../x" }.contains("task id"))
        #expect(try refusal { $0.interfaces[0].mtu = 1279 }.contains("1280 and 65535"))
        let leastOfIPv4 = try refusal {
            $0.interfaces[0].networkInterface.ipv6Addresses = []
            $0.interfaces[0].mtu = 575
        }
        #expect(leastOfIPv4.contains("576 and 65535"))
        #expect(try refusal { $0.interfaces[0].mtu = -1 }.contains("MTU -1"))
        #expect(try refusal { $0.interfaces[0].mtu = 65536 }.contains("MTU 65536"))
        #expect(try refusal { $0.interfaces[0].position = 256 }.contains("position 256"))
        #expect(try refusal { $0.interfaces[0].position = -1 }.contains("position -1"))
        #expect(try refusal { $0.interfaces.append($0.interfaces[0]) }.contains("twice"))
        #expect(try refusal { $0.hostname = "a\n10.0.0.1 evil" }.contains("host name"))
        #expect(try refusal { $0.hostname = String(repeating: "a", count: 65) }.contains("65 bytes"))
    }

    @Test func networkInterfaces() throws {
        func refusal(_ change: (inout NetworkInterface) throws -> Void) throws -> String {
            try self.refusal { try change(&$0.interfaces[0].networkInterface) }
        }
        #expect(try refusal { $0.domainNames = ["a b"] }.contains("domain name"))
        #expect(try refusal { $0.privateDNSName = "a\tb" }.contains("DNS name"))
        #expect(try refusal { $0.id = "eni-a/b" }.contains("'/'"))
        #expect(try refusal { $0.subnetGatewayIPv4 = nil }.contains("no IPv4 subnet gateway"))
        #expect(try refusal { $0.subnetGatewayIPv4 = InterfaceAddress("10.9.1.1/24") }.contains("outside its subnet"))
        #expect(try refusal { $0.subnetGatewayIPv4 = InterfaceAddress("10.0.1.5/24") }.contains("subnet's gateway"))
        #expect(try refusal { $0.subnetGatewayIPv4 = InterfaceAddress("fe80::1/64") }.contains("IPv4 subnet gateway"))
        let bare = try refusal {
            $0.ipv4Addresses = []
            $0.ipv6Addresses = []
        }
        #expect(bare.contains("neither"))
    }

    @Test func attachments() throws {
        let parent = try InterfaceName("ens5")
        #expect(try refusal { $0.interfaces[0].attachment = .branch(trunk: parent, vlanID: 0) }.contains("VLAN id 0"))
        #expect(try refusal { $0.interfaces[0].attachment = .branch(trunk: parent, vlanID: 4095) }.contains("4095"))
        let device = HostDevice(
            name: parent, macAddress: try MACAddress(parsing: "02:00:00:00:00:01"), mtu: 1500, isUp: false)
        #expect(try refusal { $0.interfaces[0].attachment = .device(device) }.contains("02:00:00:00:00:01"))
    }

    @Test func ipv6OnAHostWithoutIt() throws {
        var facts = Sample.facts
        facts.hasIPv6 = false
        let without = facts
        let dual = try Sample.request(try Sample.eni(.dual))
        let ipv4 = try Sample.request(try Sample.eni(.ipv4))
        #expect(throws: PlanError.self) { try TaskNetworkPlanner.plan(dual, on: without) }
        #expect(try !TaskNetworkPlanner.plan(ipv4, on: without).lines.contains { $0.hasPrefix("disable_ipv6") })
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"taskID":"a","namespacePath":"../x","requirements":[],"remarks":[]}"#,
        stored("{}"), stored(#"{"magic":{}}"#), stored(#"{"namespace":{},"file":{}}"#), stored("7"),
        stored(#"{"file":{"path":"/a/../b","contents":""}}"#),
        stored(#"{"sysctl":{"scope":"host","link":"../../kernel","key":"accept_ra","value":1}}"#),
        stored(#"{"sysctl":{"scope":"host","link":"a","key":"../../x","value":1}}"#),
        stored(#"{"address":{"scope":"moon","link":"a","address":"10.0.0.1/24"}}"#),
        stored(#"{"address":{"scope":"host","link":"a","address":"10.0.0.1/99"}}"#),
        stored(#"{"address":{"scope":"host","link":"sixteen-letters!","address":"10.0.0.1/24"}}"#),
        stored(#"{"rule":{"scope":"host","source":"10.0.0.0/24","table":-1,"priority":1}}"#),
    ])
    func storedPlans(text: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(TaskNetworkPlan.self, from: Data(text.utf8)) }
    }
}

private func stored(_ requirement: String) -> String {
    #"{"taskID":"a","namespacePath":"/x","requirements":[\#(requirement)],"remarks":[]}"#
}
