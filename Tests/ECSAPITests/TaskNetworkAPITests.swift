// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Testing
import VPC

@Suite struct TaskNetworkAPITests {
    /// What ECS sends an agent.
    static let message = #"""
        {"messageId": "m", "clusterArn": "arn:aws:ecs:r:1:cluster/default",
         "containerInstanceArn": "arn:aws:ecs:r:1:container-instance/default/i",
         "taskArn": "arn:aws:ecs:r:1:task/default/0123456789abcdef0123456789abcdef",
         "taskClusterArn": "arn:aws:ecs:r:1:cluster/default", "generatedAt": 1700000000123, "waitTimeoutMs": 180000,
         "elasticNetworkInterfaces": [
           {"attachmentArn": "arn:aws:ecs:r:1:attachment/9f8e7d6c-0000-4000-8000-000000000001",
            "ec2Id": "eni-0123456789abcdef0", "macAddress": "0A:1B:2C:3D:4E:5F", "index": 1, "name": "eth1",
            "ipv4Addresses": [
              {"primary": false, "privateAddress": "10.0.4.6"}, {"primary": true, "privateAddress": "10.0.4.5"}],
            "ipv6Addresses": [{"address": "2001:db8::5"}], "subnetGatewayIpv4Address": "10.0.4.1/24",
            "subnetGatewayIpv6Address": "fe80::1", "domainName": ["us-east-1.compute.internal"],
            "domainNameServers": ["10.0.0.2"], "privateDnsName": "ip-10-0-4-5.us-east-1.compute.internal",
            "interfaceAssociationProtocol": "vlan",
            "interfaceVlanProperties": {"vlanId": "7", "trunkInterfaceMacAddress": "0a:00:00:00:00:01"}}]}
        """#

    private func converted(_ change: (inout ElasticNetworkInterface) -> Void = { _ in }) throws -> NetworkInterface {
        var eni = try #require(
            JSONText.decode(TaskNetworkAPI.AttachNetworkInterface.Input.self, Self.message).elasticNetworkInterfaces
                .first)
        change(&eni)
        var generator = SystemRandomNumberGenerator()
        return try eni.networkInterface(using: &generator)
    }

    private func failure(_ change: (inout ElasticNetworkInterface) -> Void) -> String? {
        do {
            _ = try converted(change)
            return nil
        } catch let failure as ValidationFailure {
            return failure.message
        } catch {
            return "\(error)"
        }
    }

    @Test func theMessageOfECS() throws {
        let input = try JSONText.decode(TaskNetworkAPI.AttachNetworkInterface.Input.self, Self.message)
        try input.validate()
        #expect(try JSONText.object(JSONText.encode(input)) == JSONText.object(Self.message))
        let eni = try converted()
        #expect(eni.id == "eni-0123456789abcdef0")
        #expect(eni.attachmentID == "9f8e7d6c-0000-4000-8000-000000000001")
        #expect(eni.index == 1)
        #expect(eni.macAddress.description == "0a:1b:2c:3d:4e:5f")
        #expect(eni.primaryIPv4?.description == "10.0.4.5")
        #expect(eni.addresses.map(\.description) == ["10.0.4.5", "10.0.4.6", "2001:db8::5"])
        #expect(eni.subnetGatewayIPv4?.description == "10.0.4.1/24")
        #expect(eni.subnetGatewayIPv6?.description == "fe80::1")
        #expect(eni.domainNames == ["us-east-1.compute.internal"])
        #expect(eni.domainNameServers.map(\.description) == ["10.0.0.2"])
        #expect(eni.privateDNSName == "ip-10-0-4-5.us-east-1.compute.internal")
        #expect(eni.association == .vlan(id: 7, trunkMAC: try MACAddress(parsing: "0a:00:00:00:00:01")))
        #expect(input.elasticNetworkInterfaces.first?.effectiveInterfaceType == .branch)
        #expect(ElasticNetworkInterface().effectiveInterfaceType == .device)
    }

    @Test func refusedInTheAgentsWords() {
        #expect(
            failure {
                $0.ipv4Addresses = []
                $0.ipv6Addresses = nil
            } == "no ipv4 addresses in the message")
        #expect(failure { $0.subnetGatewayIpv4Address = nil } == "no subnet gateway ipv4 address in the message")
        #expect(failure { $0.subnetGatewayIpv4Address = "" } == "no subnet gateway ipv4 address in the message")
        for text in ["10.0.4.1", "10.0.4.1/33", "gateway", "fe80::1/64", "0.0.0.0/0"] {
            #expect(failure { $0.subnetGatewayIpv4Address = text } == "invalid subnet gateway ipv4 address \(text)")
        }
        #expect(failure { $0.macAddress = "" } == "empty eni mac address in the message")
        #expect(failure { $0.macAddress = nil } == "empty eni mac address in the message")
        #expect(failure { $0.ec2Id = nil } == "empty eni id in the message")
        #expect(
            failure { $0.interfaceAssociationProtocol = "vxlan" } == "invalid interface association protocol: vxlan")
        #expect(failure { $0.interfaceVlanProperties = nil } == "vlan interface properties missing")
        #expect(failure { $0.interfaceVlanProperties?.vlanId = "" } == "vlan interface properties missing")
    }

    @Test func refusedInOurs() {
        #expect(failure { $0.macAddress = "0a:1b" } == "invalid eni mac address 0a:1b")
        #expect(failure { $0.macAddress = "01:00:5e:00:00:01" } == "invalid eni mac address 01:00:5e:00:00:01")
        for id in ["eni-1", "eni-../../etc", "i-0123456789abcdef0", "eni-0123456789ABCDEF0"] {
            #expect(failure { $0.ec2Id = id } == "invalid eni id \(id)")
        }
        #expect(failure { $0.ipv4Addresses = [.init(primary: true, privateAddress: nil)] } == "invalid ipv4 address ")
        #expect(failure { $0.ipv4Addresses?[0].privateAddress = "127.0.0.1" } == "invalid ipv4 address 127.0.0.1")
        for text in ["10.0.5.6", "10.0.4.1"] {
            #expect(failure { $0.ipv4Addresses?[0].privateAddress = text } == "invalid ipv4 address \(text)")
        }
        #expect(
            failure { $0.ipv4Addresses?[0].privateAddress = "10.0.4.5" }
                == "duplicate ipv4 address 10.0.4.5 in the message")
        #expect(failure { $0.ipv4Addresses?[0].primary = true } == "more than one primary ipv4 address in the message")
        #expect(failure { $0.ipv6Addresses?[0].address = "fe80::5" } == "invalid ipv6 address fe80::5")
        #expect(failure { $0.subnetGatewayIpv6Address = "x" } == "invalid subnet gateway ipv6 address x")
        for vlan in ["0", "4095", "+7", "seven"] {
            #expect(failure { $0.interfaceVlanProperties?.vlanId = vlan } == "invalid vlan id \(vlan)")
        }
        for name in ["a/b", "a:b", "a%b", "a b", "sixteen-bytes-xx", "..", "ä"] {
            #expect(failure { $0.name = name }?.hasPrefix("invalid interface name ") == true)
            #expect(failure { $0.parentInterface = name }?.hasPrefix("invalid interface name ") == true)
        }
        for name in ["a b", "a\nnameserver 1.2.3.4", "-a", "a..b", String(repeating: "a", count: 64), "/etc"] {
            #expect(failure { $0.domainName = [name] }?.hasPrefix("invalid domain name ") == true)
            #expect(failure { $0.privateDnsName = name }?.hasPrefix("invalid private dns name ") == true)
        }
        #expect(failure { $0.domainNameServers = ["dns"] } == "invalid domain name server dns")
        #expect(failure { $0.attachmentArn = "arn:../x" } == "invalid attachment arn arn:../x")
        #expect(failure { $0.index = -1 } == "invalid eni index -1")
        for mtu in [67, 1279, 65536] { #expect(failure { $0.mtu = mtu } == "invalid mtu \(mtu)") }
    }

    @Test func theLeastMTUIsThatOfItsFamilies() throws {
        func failure(_ mtu: Int, _ change: (inout ElasticNetworkInterface) -> Void = { _ in }) -> String? {
            #expect(throws: ValidationFailure.self) {
                try converted {
                    $0.mtu = mtu
                    change(&$0)
                }
            }?.description
        }
        #expect(failure(1279) == "invalid mtu 1279 (it is 1280 to 65535 bytes for an interface with IPv6)")
        #expect(
            failure(575) { $0.ipv6Addresses = nil }
                == "invalid mtu 575 (it is 576 to 65535 bytes for an interface without IPv6)")
        for mtu in [576, 65535] {
            _ = try converted {
                $0.mtu = mtu
                $0.ipv6Addresses = nil
            }
        }
    }

    @Test func ipv6Alone() throws {
        let eni = try converted {
            $0.ipv4Addresses = nil
            $0.subnetGatewayIpv4Address = nil
            $0.attachmentArn = nil
            $0.subnetGatewayIpv6Address = "fe80::1/64"
        }
        #expect(eni.subnetGatewayIPv4 == nil)
        #expect(eni.subnetGatewayIPv6?.description == "fe80::1")
        #expect(eni.ipv6Addresses.first?.primary == true)
        #expect(eni.attachmentID.utf8.count == 36)
    }

    @Test func severalAtOnce() throws {
        let eni = ElasticNetworkInterface(ec2Id: "eni-12345678", macAddress: "0a:00:00:00:00:01")
        func failure(_ interfaces: [ElasticNetworkInterface], wait: Int? = nil) -> String? {
            do {
                try TaskNetworkAPI.AttachNetworkInterface.Input(
                    taskArn: "t", elasticNetworkInterfaces: interfaces, waitTimeoutMs: wait
                ).validate()
                return nil
            } catch {
                return error.message
            }
        }
        #expect(failure([eni]) == nil)
        #expect(failure([]) == "elasticNetworkInterfaces can not be empty.")
        var other = ElasticNetworkInterface(ec2Id: "eni-12345679", macAddress: "0A:00:00:00:00:01")
        #expect(failure([eni, other]) == "duplicate eni mac address 0a:00:00:00:00:01 in the message")
        other.macAddress = "0a:00:00:00:00:02"
        #expect(failure([eni, other]) == nil)
        other.ec2Id = "eni-12345678"
        #expect(failure([eni, other]) == "duplicate eni id eni-12345678 in the message")
        #expect(failure([eni], wait: 0) == "waitTimeoutMs must be 1 to 3600000.")
        #expect(
            failure(Array(repeating: ElasticNetworkInterface(), count: 16))
                == "elasticNetworkInterfaces can have at most 15 items.")
    }

    @Test func runTaskWithENIs() throws {
        let text = #"""
            {"taskDefinition": "web:1", "cluster": "c", "startedBy": "me", "waitTimeoutMs": 1000,
             "elasticNetworkInterfaces": [{"ec2Id": "eni-12345678", "interfaceType": "macvlan", "parentInterface": "enp1s0",
               "mtu": 1400, "subnetId": "lan"}]}
            """#
        let input = try JSONText.decode(TaskNetworkAPI.RunTask.Input.self, text)
        #expect(input.task.taskDefinition == "web:1")
        #expect(input.elasticNetworkInterfaces.first?.effectiveInterfaceType == .macvlan)
        #expect(try JSONText.object(JSONText.encode(input)) == JSONText.object(text))
        try input.validate()
        var two = input
        two.task.count = 2
        #expect(throws: ValidationFailure.self) { try two.validate() }
        #expect(throws: ValidationFailure.self) {
            try JSONText.decode(
                TaskNetworkAPI.RunTask.Input.self,
                #"{"taskDefinition": "a", "elasticNetworkInterfaces": [{"interfaceType": "tap"}]}"#)
        }
    }

    @Test func detachment() {
        typealias Input = TaskNetworkAPI.DetachNetworkInterface.Input
        #expect(Input(attachment: "arn:aws:ecs:r:1:attachment/abc").attachmentText == "abc")
        #expect(Input(attachment: "eni-12345678").attachmentText == "eni-12345678")
    }

    @Test func lists() throws {
        let subnet = Subnet(
            id: "subnet-1", name: "demo", availabilityZone: "local-1a",
            ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.0.4.0/24"),
            ipv6CIDRBlock: try IPv6CIDRBlock(parsing: "fd00::/64"))
        let description = SubnetDescription(subnet, freeIPv4: 251, freeIPv6: .max, networkInterfaceCount: 0)
        let text = try JSONText.encode(TaskNetworkAPI.ListSubnets.Output(subnets: [description]))
        let purposes = [
            "the network's own address", "the router's address", "the DNS server's address", "reserved for future use",
            "the network's broadcast address",
        ]
        let ends = ["10.0.4.", "fd00::"].map { prefix in
            let last = prefix == "10.0.4." ? "255" : "ffff:ffff:ffff:ffff"
            let first = prefix == "10.0.4." ? "0" : ""
            return [first, "1", "2", "3", last].map { prefix + $0 }
        }
        let reserved = ends.flatMap { zip($0, purposes) }
            .map { #"{"address":"\#($0)","purpose":"\#($1)"}"# }.joined(separator: ",")
        #expect(
            text == #"""
                {"subnets":[{"availabilityZone":"local-1a","availableIpAddressCount":251,"availableIpv6AddressCount":\#
                18446744073709551615,"cidrBlock":"10.0.4.0/24","gatewayIpv4Address":"10.0.4.1","gatewayIpv6Address":\#
                "fe80::1","ipv6CidrBlock":"fd00::/64","name":"demo","networkInterfaceCount":0,"reservedIpAddresses":[\#
                \#(reserved)],"route":"nat","subnetId":"subnet-1","usableIpAddressCount":251,"usableIpv6AddressCount":\#
                18446744073709551611}]}
                """#)
        #expect(try JSONText.decode(TaskNetworkAPI.ListSubnets.Output.self, text).subnets == [description])
        let eni = NetworkInterfaceDescription(try converted(), status: .attached, taskArn: "t")
        let list = TaskNetworkAPI.ListNetworkInterfaces.Output(networkInterfaces: [eni])
        #expect(eni.privateIpv4Addresses == ["10.0.4.5", "10.0.4.6"])
        #expect(eni.ipv6Addresses == ["2001:db8::5"])
        #expect(try JSONText.decode(TaskNetworkAPI.ListNetworkInterfaces.Output.self, JSONText.encode(list)) == list)
    }
}
