// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@Suite struct VPCNetworkValidationTests {
    private func failure(
        routes: [VPCNetwork.HostRoute] = [], limits: SecurityGroupLimits = .init(),
        _ change: (inout SampleNetwork) throws -> Void
    ) throws -> String? {
        var sample = try SampleNetwork()
        try change(&sample)
        do throws(VPCNetworkError) {
            try sample.network.validate(limits: limits, hostRoutes: routes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func theSampleIsOne() throws { #expect(try failure { _ in } == nil) }

    @Test func blocks() throws {
        #expect(
            try failure { $0.cidrBlocks.append(try CIDRBlock(parsing: "10.0.128.0/17")) }
                == "the VPC's block 10.0.128.0/17 overlaps its block 10.0.0.0/16; give one of them")
        #expect(
            try failure { $0.cidrBlocks.append(try CIDRBlock(parsing: "169.254.0.0/24")) }
                == "the VPC's block 169.254.0.0/24 overlaps 169.254.0.0/16 (link-local); use another")
        #expect(
            try failure { $0.cidrBlocks[0] = try CIDRBlock(parsing: "10.1.0.0/16") }
                == """
                subnet nat: its block 10.0.1.0/24 is not in the VPC, which has 10.1.0.0/16; use a part of these, or \
                give the VPC another block
                """)
        // Without blocks of its own a VPC has its subnets'.
        #expect(try failure { $0.cidrBlocks = [] } == nil)
        #expect(try failure { $0.cidrBlocks.removeLast() } == nil)
    }

    @Test func hostRoutes() throws {
        let block = try CIDRBlock(parsing: "10.0.9.0/24")
        let all = try CIDRBlock(parsing: "0.0.0.0/0")
        #expect(
            try failure(routes: [.init(block: all, name: "eth0"), .init(block: block, name: "docker0")]) { _ in }
                == """
                the VPC's block 10.0.0.0/16 overlaps the host's own route to 10.0.9.0/24 (docker0); use another \
                block
                """
        )
        #expect(try failure(routes: [.init(block: block, name: "docker0")]) { $0.cidrBlocks = [] } == nil)
    }

    @Test func references() throws {
        #expect(
            try failure { $0.groups.removeAll { $0.id == SampleNetwork.web } }?
                .contains("security group sg-00000000000000002 (data): the rule") == true)
        #expect(
            try failure { $0.lists = [] }?.hasSuffix("names a prefix list that does not exist; there is none") == true)
        #expect(
            try failure { $0.host.securityGroupIDs = ["sg-9"] }?.hasPrefix("the host's security group sg-9 does not")
                == true)
        #expect(
            try failure { $0.endpoints[0].securityGroupIDs = ["sg-9"] }?
                .hasPrefix("ENI eni-00000000000000001 is in security group sg-9") == true)
        #expect(try failure { $0.groups.append($0.groups[0]) }?.contains("another has the same name or id") == true)
        #expect(try failure { $0.groups[1].name = "data" }?.contains("rename one") == true)
        #expect(try failure { $0.lists.append($0.lists[0]) }?.contains("rename one") == true)
        #expect(
            try failure { $0.groups[2].rules[0].id = $0.groups[1].rules[0].id }?.contains("another rule has") == true)
    }

    @Test func parts() throws {
        #expect(try failure { $0.groups[1].name = "sg-x" }?.contains("may not begin with sg-") == true)
        #expect(try failure(limits: .init(rulesPerGroup: 1)) { _ in }?.contains("RulesPerSecurityGroup") == true)
        #expect(try failure(limits: .init(groupsPerInterface: 0)) { _ in }?.contains("at most 0") == true)
        #expect(try failure { $0.lists[0].id = "office" }?.contains("Invalid prefix list id") == true)
        #expect(try failure { $0.lists[0].entries.append($0.lists[0].entries[0]) }?.contains("more than once") == true)
        #expect(try failure { $0.subnets[0].name = "none" }?.contains("same name or id") == true)
    }
}
