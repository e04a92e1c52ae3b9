// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Testing
import VPC

@Suite struct NetworkPathTests {
    private typealias Analyze = TaskNetworkAPI.AnalyzeNetworkPath

    private func network() throws -> VPCNetwork {
        var web = IpPermissionTests.web
        try web.authorize(SecurityGroup.defaultEgressRules(groupID: web.id))
        return VPCNetwork(
            subnets: [
                Subnet(
                    id: "subnet-1", name: "blue", ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.0.1.0/24"), route: .none
                )
            ], securityGroups: [web],
            endpoints: try ["10.0.1.4", "10.0.1.5"].map {
                VPCNetwork.Endpoint(
                    networkInterfaceID: "eni-\($0.suffix(1))", addresses: [try IPAddress(parsing: $0)],
                    securityGroupIDs: [web.id], subnetID: "subnet-1")
            })
    }

    private func analyse(_ destination: String, _ transport: Flow.Transport) throws -> Analyze.Output {
        let network = try network()
        let flow = Flow(
            source: try IPAddress(parsing: "10.0.1.4"), destination: try IPAddress(parsing: destination),
            transport: transport)
        return Analyze.Output(network.judge(flow), in: network)
    }

    @Test func whatTheModelSays() throws {
        let output = try analyse("10.0.1.5", .tcp(destinationPort: 80))
        #expect(!output.networkPathFound && output.drift == [] && output.probe == nil)
        #expect(output.forwardPathComponents?.map(\.verdict) == [.passes, .passes, .stops, .passes])
        #expect(
            output.forwardPathComponents?.map(\.component.kind)
                == [.networkInterface, .securityGroup, .securityGroup, .networkInterface])
        #expect(output.forwardPathComponents?[1].securityGroupRule?.cidrIpv4 == "0.0.0.0/0")
        #expect(output.explanations?.map(\.explanationCode) == ["SG_HAS_NO_RULES"])
        #expect(
            output.explanations?.first?.mend == """
                tasknet sg authorize sg-00000000000000001 --protocol tcp --port 80 --source-group sg-00000000000000001
                """)
        #expect(output.source?.component.id == "eni-4" && output.destination?.address == "10.0.1.5")
        let text = try JSONText.encode(output)
        #expect(try JSONText.decode(Analyze.Output.self, text) == output)

        let outside = try analyse("8.8.8.8", .other(47))
        #expect(outside.explanations?.map(\.explanationCode) == ["NO_ROUTE_TO_DESTINATION"])
        #expect(outside.destination?.component.kind == .internet)
        let same = try analyse("10.0.1.4", .icmp(type: 8, code: 0))
        #expect(same.networkPathFound && same.remarks?.count == 1)
    }

    @Test func transports() throws {
        func transport(_ port: Int?, _ name: String?, v6: Bool = false) throws -> Flow.Transport {
            try Analyze.Input(source: "a", destination: "b", destinationPort: port, protocol: name)
                .transport(isIPv6: v6)
        }
        #expect(try transport(80, nil) == .tcp(destinationPort: 80))
        #expect(try transport(53, "UDP") == .udp(destinationPort: 53))
        #expect(try transport(nil, nil) == .icmp(type: 8, code: 0))
        #expect(try transport(nil, "icmp", v6: true) == .icmpv6(type: 128, code: 0))
        #expect(try transport(nil, "50") == .other(50))
        for (port, name) in [(nil, "tcp"), (0, "tcp"), (65536, nil), (80, "icmp"), (nil, "-1"), (nil, "x")] {
            #expect(throws: ValidationFailure.self) { try transport(port, name) }
        }
        #expect(throws: ValidationFailure.self) { try Analyze.Input(source: "", destination: "b").validate() }
        try Analyze.Input(source: "a", destination: "b").validate()
    }

    @Test func commands() throws {
        func command(_ direction: SecurityGroupRule.Direction, _ ipProtocol: IPProtocol, _ from: Int?, _ to: Int?)
            -> String
        {
            SecurityGroupRule(
                groupID: "sg-1", direction: direction, ipProtocol: ipProtocol, fromPort: from, toPort: to,
                peer: .prefixList("pl-1")
            ).authorizeCommand(group: "sg-1")
        }
        #expect(
            command(.egress, .all, nil, nil) == "tasknet sg authorize sg-1 --egress --protocol all --prefix-list pl-1")
        #expect(
            command(.ingress, .udp, 1, 2) == "tasknet sg authorize sg-1 --protocol udp --port 1-2 --prefix-list pl-1")
        #expect(
            command(.ingress, .icmp, 8, 0)
                == "tasknet sg authorize sg-1 --protocol icmp --icmp-type 8/0 --prefix-list pl-1"
        )
    }
}
