// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Testing
import VPC

@testable import ECSAPI

@Suite("Sandboxes' ENIs") struct SandboxAPITests {
    typealias Add = TaskNetworkAPI.AddSandboxNetworkInterface

    private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test func everyMemberIsReadUnderItsName() throws {
        let input = try decode(
            Add.Input.self,
            #"""
            {"network":"net","containerId":"c1","interfaceName":"eth0","networkNamespace":"/run/netns/c1",
             "subnet":"s","ipAddresses":["10.64.1.9","2001:db8::9/64"],"macAddress":"0a:00:00:00:00:01",
             "securityGroups":["sg-1"],"interfaceType":"branch","parentInterface":"nic0",
             "interfaceVlanProperties":{"vlanId":"7","trunkInterfaceMacAddress":"0a:00:00:00:00:02"},
             "assignPublicIp":"ENABLED","mtu":1400,"ipv6":true,"waitTimeoutMs":5,"podNamespace":"n","podName":"p",
             "dns":{"nameservers":["10.0.0.2"],"domain":"d","search":["s"],"options":["o"]}}
            """#)
        try input.validate()
        #expect(try input.requestedAddresses().ipv4?.description == "10.64.1.9")
        #expect(try input.requestedAddresses().ipv6?.description == "2001:db8::9")
        #expect(try input.branch() != nil)
        #expect(input.dns == SandboxDNS(nameservers: ["10.0.0.2"], domain: "d", search: ["s"], options: ["o"]))
        #expect(input.podName == "p" && input.podNamespace == "n" && input.assignPublicIp == .enabled)
    }

    @Test func whatIsLeftAwayIsTold() throws {
        for (member, text) in [
            ("network", #"{"containerId":"c","interfaceName":"e","networkNamespace":"/n"}"#),
            ("containerId", #"{"network":"n","interfaceName":"e","networkNamespace":"/n"}"#),
            ("interfaceName", #"{"network":"n","containerId":"c","networkNamespace":"/n"}"#),
            ("networkNamespace", #"{"network":"n","containerId":"c","interfaceName":"e"}"#),
        ] {
            let input = try decode(Add.Input.self, text)
            let failure = #expect(throws: ValidationFailure.self) { try input.validate() }
            #expect(failure?.message == "\(member) can not be blank.")
        }
        // Nobody takes everything out by leaving the list away.
        #expect(throws: DecodingError.self) {
            try decode(TaskNetworkAPI.CollectSandboxNetworkInterfaces.Input.self, #"{"network":"n"}"#)
        }
    }

    @Test func answersHaveTheNamesOfCNIsResults() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let parts: [any Encodable] = [
            SandboxInterface(name: "eth0", mac: "m", mtu: 1500, sandbox: "/n"),
            SandboxAddress(address: "10.0.0.9/24", gateway: "10.0.0.1", interface: 1),
            SandboxRoute(dst: "0.0.0.0/0", gw: "10.0.0.1"),
        ]
        let texts = try parts.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
        #expect(
            texts == [
                #"{"mac":"m","mtu":1500,"name":"eth0","sandbox":"/n"}"#,
                #"{"address":"10.0.0.9/24","gateway":"10.0.0.1","interface":1}"#,
                #"{"dst":"0.0.0.0/0","gw":"10.0.0.1"}"#,
            ])
    }
}
