// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Testing
import VPC

@Suite struct SecurityGroupDocumentTests {
    private func groups(_ text: String) throws -> [SecurityGroup] {
        try SecurityGroupDocument.securityGroups(
            JSONText.decode([SecurityGroupDocument].self, text), prefixLists: [IpPermissionTests.office],
            vpcID: "vpc-1",
            others: [IpPermissionTests.web])
    }

    @Test func untouchedThereIsTheDefault() throws {
        #expect(try groups("[]") == [.default(vpcID: "vpc-1")])
    }

    @Test func namesRefer() throws {
        let groups = try groups(
            #"""
            [{"name": "app", "ipPermissions": [
                {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80, "userIdGroupPairs": [{"groupId": "lb"}],
                 "prefixListIds": [{"prefixListId": "office"}]},
                {"IpProtocol": -1, "UserIdGroupPairs": [{"GroupId": "web"}, {"GroupId": "default"}]}],
              "ipPermissionsEgress": []},
             {"id": "sg-0000000000000000a", "name": "lb", "description": "front"}]
            """#)
        #expect(groups.map(\.name) == ["default", "app", "lb"])
        #expect(groups[2].id == "sg-0000000000000000a" && groups[2].rules.map(\.direction) == [.egress, .egress])
        #expect(
            groups[1].rules.map(\.summary) == [
                "tcp port 80 from sg-0000000000000000a", "tcp port 80 from pl-00000000000000001",
                "all traffic from sg-00000000000000001", "all traffic from \(groups[0].id)",
            ])
        for group in groups { try group.validate() }
    }

    @Test func theDefaultCanBeChanged() throws {
        let groups = try groups(#"[{"name": "default", "ipPermissionsEgress": []}]"#)
        let untouched = SecurityGroup.default(vpcID: "vpc-1")
        #expect(groups.map(\.id) == [untouched.id])
        #expect(groups[0].rules == [untouched.rules[0]] && groups[0].groupDescription == untouched.groupDescription)
        #expect(try self.groups(#"[{"name": "default", "ipPermissions": []}]"#)[0].rules(.ingress) == [])
    }

    @Test func whatIsWrongIsNamed() throws {
        let failure = #expect(throws: ValidationFailure.self) {
            try groups(#"[{"name": "app", "ipPermissions": [{"ipProtocol": "tcp"}]}]"#)
        }
        #expect(failure?.message.hasPrefix("security group app: ") == true)
        #expect(throws: ValidationFailure.self) { try groups(#"[{"name": "app", "rules": []}]"#) }
    }

    @Test func prefixLists() throws {
        func list(_ text: String) throws -> PrefixList {
            try JSONText.decode(PrefixListDocument.self, text).prefixList(vpcID: "vpc-1")
        }
        let office = try list(
            #"{"name": "office", "entries": [{"cidr": "10.1.2.3/8", "description": "x"}, {"Cidr": "::/0"}]}"#)
        #expect(office.entries.map(\.block.description) == ["10.0.0.0/8", "::/0"])
        try office.validate()
        #expect(throws: ValidationFailure.self) { try list(#"{"name": "office", "entries": [{"cidr": "10.0.0.0"}]}"#) }
    }
}
