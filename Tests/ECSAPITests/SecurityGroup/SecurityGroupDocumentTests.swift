// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Testing
import VPC

@Suite struct SecurityGroupDocumentTests {
    private func document(_ text: String) throws -> SecurityGroupDocument {
        try JSONText.decode(SecurityGroupDocument.self, text)
    }

    @Test func whatIsPrintedIsTaken() throws {
        var described = SecurityGroupDescription(.default(vpcID: "vpc-1"), accountID: "1")
        described.networkInterfaceCount = 2
        described.includesHost = true
        described.isConfigured = true
        described.ruleCounters = [.init(securityGroupRuleId: "sgr-1", isEgress: false, packets: 1, bytes: 2)]
        let document = try document(try JSONText.encode(described))
        #expect(document.id == described.groupId && document.name == "default")
        #expect(document.description == described.description)
        #expect(document.permissions(.ingress) == described.ipPermissions)
        #expect(document.permissions(.egress) == described.ipPermissionsEgress)
        try document.validate(vpcID: "vpc-1", accountID: "1")
        #expect(throws: ValidationFailure.self) { try document.validate(vpcID: "vpc-2", accountID: "1") }
        #expect(throws: ValidationFailure.self) { try document.validate(vpcID: "vpc-1", accountID: "2") }
    }

    @Test func whatIsNotSaidIsNil() throws {
        let document = try document(#"{"name": "app", "ipPermissionsEgress": [], "ipPermissions": null}"#)
        #expect(document.id == nil && document.description == nil)
        #expect(document.permissions(.ingress) == nil && document.permissions(.egress) == [])
    }

    @Test(arguments: [
        (#"{"name": "app", "rules": []}"#, "The parameter rules is not recognized; there are: Id, Name, "),
        (#"{"name": "app", "GroupName": "web"}"#, "The parameter GroupName is not the same as Name"),
        (#"{"name": "app", "Name": "app"}"#, "is given twice"),
        (#"{"ipPermissions": [{"ports": 80}]}"#, "The parameter ports of ipPermissions[0] is not recognized"),
    ])
    func refused(text: String, part: String) {
        let failure = #expect(throws: EC2MemberFailure.self) { try document(text) }
        #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "")")
    }

    @Test func prefixLists() throws {
        let text = #"""
            {"PrefixListId": "pl-00000000000000001", "PrefixListName": "office", "State": "create-complete",
             "MaxEntries": 2, "OwnerId": "1", "entries": [{"cidr": "10.1.2.3/8", "description": "x"}, {"Cidr": "::/0"}]}
            """#
        let office = try JSONText.decode(PrefixListDocument.self, text)
        #expect(office.id == "pl-00000000000000001" && office.name == "office")
        #expect(try office.entries.map { try $0.entry().block.description } == ["10.0.0.0/8", "::/0"])
        let bad = try JSONText.decode(PrefixListDocument.self, #"{"name": "office", "entries": [{"cidr": ""}]}"#)
        let failure = #expect(throws: ValidationFailure.self) { try bad.entries.map { try $0.entry() } }
        #expect(failure?.message == "CIDR block '' is malformed")
    }
}
