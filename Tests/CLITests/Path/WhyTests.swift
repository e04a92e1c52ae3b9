// SPDX-License-Identifier: Apache-2.0

import Addressing
import ECSAPI
import JSON
import Linux
import TestSupport
import Testing
import VPC

@testable import tasknet

/// `tasknet why`, against a socket that answers as a daemon would.
@Suite("The program and paths")
struct WhyTests {
    private static let id = SampleTasks.id("1f3c")

    private static func output(_ port: UInt16) throws -> TaskNetworkAPI.AnalyzeNetworkPath.Output {
        let web = "sg-00000000000000001"
        var group = SecurityGroup(id: web, name: "web", groupDescription: "", vpcID: "vpc-1")
        group.rules = SecurityGroup.defaultEgressRules(groupID: web)
        group.rules.append(
            SecurityGroupRule(
                groupID: web, direction: .ingress, ipProtocol: .tcp, fromPort: 80, toPort: 80, peer: .group(web)))
        let addresses = try ["10.0.1.4", "10.0.1.5"].map { try IPAddress(parsing: $0) }
        let network = VPCNetwork(
            subnets: [], securityGroups: [group],
            endpoints: addresses.map {
                VPCNetwork.Endpoint(
                    networkInterfaceID: "eni-\($0.bytes[3])", addresses: [$0], securityGroupIDs: [web], subnetID: nil)
            })
        let flow = Flow(source: addresses[0], destination: addresses[1], transport: .tcp(destinationPort: port))
        return TaskNetworkAPI.AnalyzeNetworkPath.Output(network.judge(flow), in: network)
    }

    private static func run<Result>(
        _ output: TaskNetworkAPI.AnalyzeNetworkPath.Output, _ body: (ScriptedDaemon) throws -> Result
    ) throws -> Result {
        let text = try JSONNode(encoding: output).compactText
        return try ScriptedDaemon.with { request in
            switch request.operation {
            case "AnalyzeNetworkPath": return text
            case "ListTasks":
                let isRunning = request.body["desiredStatus"]?.string == "RUNNING"
                return #"{"taskArns":[\#(isRunning ? "\"\(SampleTasks.arn(id))\"" : "")]}"#
            default: return nil
            }
        } _: {
            try body($0)
        }
    }

    @Test("Reachable: hop by hop, exit code 0")
    func reachable() throws {
        var output = try Self.output(80)
        output.source?.text = "1f3c"
        output.forwardPathComponents?[2].kernel = .init(agrees: true, text: "rule", packets: 1)
        output.probe = .init(result: .refused, text: "nothing listens there")
        let rules = output.forwardPathComponents?.compactMap(\.securityGroupRule?.securityGroupRuleId) ?? []
        try Self.run(output) { daemon in
            let result = try daemon.tasknet("why", "1f3c", "10.0.1.5:80", "--probe")
            #expect(result.status == .exited(0) && result.errors == "")
            #expect(
                result.output == """
                    1f3c (10.0.1.4) -> eni-5 (10.0.1.5), tcp port 80: reachable

                    HOP  THROUGH             VERDICT  KERNEL            BECAUSE
                      1  eni eni-4           passes   -                 from eni-4, 10.0.1.4
                      2  security-group web  passes   -                 egress rule \(rules[0]) of sg-00000000000000001 (web) \
                    lets it through: all traffic to 0.0.0.0/0
                      3  security-group web  passes   agrees, 1 packet  ingress rule \(rules[1]) of sg-00000000000000001 \
                    (web) lets it through: tcp port 80 from sg-00000000000000001 (web)
                      4  eni eni-5           passes   -                 to eni-5, 10.0.1.5

                    Probe
                      refused: nothing listens there

                    """)
            #expect(
                try daemon.lastText("AnalyzeNetworkPath") == #"""
                    {"Destination":"10.0.1.5","DestinationPort":80,"Probe":true,"Source":"\#(SampleTasks.arn(Self.id))"}
                    """#)
        }
    }

    @Test("Not reachable: what is missing and what to add, exit code 3")
    func unreachable() throws {
        try Self.run(try Self.output(81)) { daemon in
            let result = try daemon.tasknet("why", "eni-4", "eni-5:81/tcp")
            #expect(result.status == .exited(3) && result.errors == "")
            #expect(result.output.hasPrefix("eni-4 (10.0.1.4) -> eni-5 (10.0.1.5), tcp port 81: not reachable\n"))
            let tail = result.output.split(separator: "Why not\n").last.map(String.init) ?? ""
            let near = try Self.output(81).explanations?.first?.nearest?.first ?? ""
            #expect(
                tail == """
                      ENI_SG_RULES_MISMATCH: no ingress rule of sg-00000000000000001 (web) lets it through
                        near: \(near)
                        -> tasknet sg authorize sg-00000000000000001 --protocol tcp --port 81 --source-group \
                    sg-00000000000000001

                    """)
            #expect(near.hasSuffix("(other ports)"))
            let json = try daemon.tasknet("why", "eni-4", "eni-5:81", "--json")
            #expect(json.status == .exited(3))
            #expect(try JSONParser.parse(Array(json.output.utf8))["NetworkPathFound"] == false)
        }
    }

    @Test("Where the kernel disagrees it is told, exit code 4")
    func drift() throws {
        var output = try Self.output(80)
        output.forwardPathComponents?[1].kernel = .init(agrees: false, text: "there is no such rule")
        output.drift = [.init(text: "the route is missing", mend: "systemctl restart tasknetd")]
        try Self.run(output) { daemon in
            let result = try daemon.tasknet("why", "internet", "host")
            #expect(result.status == .exited(4))
            #expect(
                result.output.hasSuffix(
                    """

                    Model and kernel disagree
                      hop 2: there is no such rule
                      the route is missing
                        -> systemctl restart tasknetd

                    """))
            #expect(try daemon.lastText("AnalyzeNetworkPath") == #"{"Destination":"host","Source":"internet"}"#)
        }
    }

    @Test("Ends that are none")
    func badEnds() throws {
        try Self.run(try Self.output(80)) { daemon in
            let missing = try daemon.tasknet("why", "77", "host")
            #expect(missing.status == .exited(2) && missing.errors.contains("there is no task \"77\""))
            let port = try daemon.tasknet("why", "1f:80", "host")
            #expect(port.status == .exited(64) && port.errors.contains("go with the destination"))
            #expect(try daemon.tasknet("why", "1f", "host:x").status == .exited(64))
            #expect(!daemon.operations.contains("AnalyzeNetworkPath"))
        }
    }
}
