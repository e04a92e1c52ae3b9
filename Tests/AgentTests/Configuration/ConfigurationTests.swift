// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import Logging
import SystemPackage
import Testing
import VPC

@testable import Agent

@Suite("Configuration")
struct ConfigurationTests {
    private func load(
        _ text: String = "", environment: [String: String] = [:], commandLine: [ConfigurationKey: String] = [:]
    ) throws -> AgentConfiguration {
        try AgentConfiguration.load(
            text: text, named: "test.yaml", commandLine: commandLine, environment: environment
        ).configuration
    }

    private func problems(_ text: String, environment: [String: String] = [:]) -> [String] {
        do {
            _ = try load(text, environment: environment)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.description)
        } catch {
            return ["unexpected: \(error)"]
        }
    }

    @Test("Untouched, it is a working configuration with one subnet")
    func defaults() throws {
        let configuration = try load()
        #expect(configuration == AgentConfiguration())
        #expect(configuration.subnets.map(\.name) == ["default"])
        #expect(configuration.subnets.first?.ipv4CIDRBlock?.description == "10.64.1.0/24")
        #expect(configuration.controlSocketPath == "/run/tasknet/tasknet.sock")
        #expect(configuration.databasePath == "/var/lib/tasknet/tasknet.db")
        #expect(configuration.privateDNSDomain == "ec2.internal")
        #expect(configuration.containerStopTimeout == .seconds(30))
        #expect(configuration.taskCleanupWait == .seconds(10800))
        #expect(configuration.subnets.map(\.route) == [.nat])
        let group = try #require(configuration.securityGroups.first)
        #expect(configuration.securityGroups.count == 1)
        #expect(group.name == "default")
        #expect(!configuration.givesDefaultGroup)
        let given = try load("securityGroups: [{name: default, description: default VPC security group}]")
        #expect(given.securityGroups == configuration.securityGroups)
        #expect(given.givesDefaultGroup)
        #expect(configuration.difference(to: given).live.map(\.key) == [.securityGroups])
        #expect(
            group.rules.map(\.summary) == [
                "all traffic from \(group.id)", "all traffic to 0.0.0.0/0", "all traffic to ::/0",
            ])
        #expect(configuration.hostSecurityGroupIDs == [group.id])
        #expect(configuration.managesForwarding && !configuration.endsRevokedConnections)
    }

    static let full = """
        cluster: edge
        region: eu-central-1
        accountId: "123456789012"
        availabilityZone: eu-central-1b
        stateDirectory: /srv/state
        runtimeDirectory: /srv/run/
        namespaceDirectory: /srv/netns
        controlSocket: {path: /srv/control, group: ops, mode: "0600"}
        pauseExecutable: /usr/bin/pause
        logLevel: warn
        blockInstanceMetadata: yes
        additionalLocalRoutes: [192.168.1.0/24, "fd00::/8"]
        mtu: 9001
        interfaceType: macvlan
        parentInterface: eth1
        containerStopTimeout: 1m30s
        taskCleanupWait: 90m
        eventRetention: 24h
        reconcileInterval: 10m
        warmPool: {minimum: 3, maximum: 12}
        maximumEvents: 2000
        reservedPorts: [22, 51678]
        instanceAttributes: {rack: "7", ssd: "yes"}
        dns:
          servers: [10.1.0.2, "fd00::2"]
          searchDomains: [svc.internal]
          domain: internal
        vpc:
          id: vpc-12345678
          cidrBlocks: [10.1.0.0/16, "fd00:1::/56"]
        subnets:
          - id: subnet-aaaaaaaa
            name: blue
            cidrBlock: 10.1.1.0/24
          - name: green
            availabilityZone: eu-central-1c
            cidrBlock: 10.1.2.0/24
            ipv6CidrBlock: "fd00:1:0:2::/64"
            route: none
        prefixLists:
          - {id: pl-12345678, name: offices, entries: [{cidr: 192.0.2.0/24, description: north}, {cidr: "2001:db8::/32"}]}
        securityGroups:
          - name: web
            ipPermissions:
              - ipProtocol: tcp
                fromPort: 80
                toPort: 81
                ipRanges: [{cidrIp: 0.0.0.0/0, description: all}]
                userIdGroupPairs: [{groupId: db}]
                prefixListIds: [{prefixListId: offices}]
          - id: sg-87654321
            name: db
            description: The data
            IpPermissions: [{IpProtocol: "-1", Ipv6Ranges: [{CidrIpv6: "fd00:1::/56"}]}]
            ipPermissionsEgress: []
        hostSecurityGroups: [web, sg-87654321]
        securityGroupsPerInterface: 3
        rulesPerSecurityGroup: 100
        endRevokedConnections: true
        manageForwarding: false
        images:
          busybox: /srv/images/busybox
          "registry.example/app:1.2": /srv/images/app
        """

    private func expectFull(_ configuration: AgentConfiguration) {
        #expect(configuration.cluster == "edge")
        #expect(configuration.accountID == "123456789012")
        #expect(configuration.runtimeDirectory == "/srv/run")
        #expect(configuration.controlSocketPath == "/srv/control")
        #expect(configuration.controlSocket.mode == .ownerReadWrite)
        #expect(configuration.logLevel == .warning)
        #expect(configuration.blockInstanceMetadata)
        #expect(configuration.additionalLocalRoutes.map(\.description) == ["192.168.1.0/24", "fd00::/8"])
        #expect(configuration.mtu == 9001)
        #expect(configuration.interfaceType == .macvlan)
        #expect(configuration.containerStopTimeout == .seconds(90))
        #expect(configuration.taskCleanupWait == .seconds(5400))
        #expect(configuration.eventRetention == .seconds(86400))
        #expect(configuration.reconcileInterval == .seconds(600))
        #expect(configuration.warmPool == WarmPoolSettings(minimum: 3, maximum: 12))
        #expect(configuration.maximumEvents == 2000)
        #expect(configuration.reservedPorts == [22, 51678])
        #expect(configuration.instanceAttributes == ["rack": "7", "ssd": "yes"])
        #expect(configuration.dns.servers.map(\.description) == ["10.1.0.2", "fd00::2"])
        #expect(configuration.privateDNSDomain == "internal")
        #expect(configuration.subnets.map(\.name) == ["blue", "green"])
        #expect(configuration.subnets.first?.availabilityZone == "eu-central-1b")
        #expect(configuration.subnets.last?.availabilityZone == "eu-central-1c")
        #expect(configuration.subnets.last?.id.hasPrefix("subnet-") == true)
        #expect(configuration.subnet(id: "subnet-aaaaaaaa")?.vpcID == "vpc-12345678")
        #expect(configuration.images["registry.example/app:1.2"] == "/srv/images/app")
        #expect(configuration.subnets.map(\.route) == [.nat, SubnetRoute.none])
        #expect(configuration.prefixLists.first?.entries.map(\.entryDescription) == ["north", nil])
        expectFullGroups(configuration)
        #expect(configuration.securityGroupsPerInterface == 3)
        #expect(configuration.rulesPerSecurityGroup == 100)
        #expect(configuration.endsRevokedConnections)
        #expect(!configuration.managesForwarding)
    }

    private func expectFullGroups(_ configuration: AgentConfiguration) {
        let groups = configuration.securityGroups
        #expect(groups.map(\.name) == ["web", "db", "default"])
        #expect(configuration.hostSecurityGroupIDs == [groups.first?.id, "sg-87654321"])
        #expect(
            groups.map { $0.rules(.ingress).map(\.summary) } == [
                [
                    "tcp ports 80-81 from 0.0.0.0/0", "tcp ports 80-81 from sg-87654321",
                    "tcp ports 80-81 from pl-12345678",
                ],
                ["all traffic from fd00:1::/56"], ["all traffic from \(groups.last?.id ?? "")"],
            ])
        #expect(groups.first?.rules.first?.ruleDescription == "all")
        let everywhere = ["all traffic to 0.0.0.0/0", "all traffic to ::/0"]
        #expect(groups.map { $0.rules(.egress).map(\.summary) } == [everywhere, [], everywhere])
        #expect(groups.map(\.groupDescription) == ["web", "The data", "default VPC security group"])
        #expect(Set(groups.flatMap(\.rules).map(\.id)).count == 9)
    }

    @Test("Every key is read from YAML")
    func fullYAML() throws {
        expectFull(try load(Self.full))
    }

    @Test("JSON is read like YAML")
    func json() throws {
        let configuration = try load(
            #"{"cluster": "edge", "mtu": 1400, "subnets": [{"name": "blue", "cidrBlock": "10.9.0.0/24"}],"#
                + "\n\t" + #""dns": {"servers": ["10.9.0.2"]}, "images": {"busybox": "/b"}}"#)
        #expect(configuration.cluster == "edge")
        #expect(configuration.mtu == 1400)
        #expect(configuration.subnets.first?.name == "blue")
        #expect(configuration.dns.servers.first?.description == "10.9.0.2")
        #expect(configuration.images == ["busybox": "/b"])
    }

    @Test("Every key is read from the environment, structures as YAML or JSON")
    func fullEnvironment() throws {
        let environment = [
            "TASKNET_CLUSTER": "edge", "TASKNET_REGION": "eu-central-1", "TASKNET_ACCOUNT_ID": "123456789012",
            "TASKNET_AVAILABILITY_ZONE": "eu-central-1b", "TASKNET_STATE_DIRECTORY": "/srv/state",
            "TASKNET_RUNTIME_DIRECTORY": "/srv/run", "TASKNET_NAMESPACE_DIRECTORY": "/srv/netns",
            "TASKNET_CONTROL_SOCKET_PATH": "/srv/control", "TASKNET_CONTROL_SOCKET_GROUP": "ops",
            "TASKNET_CONTROL_SOCKET_MODE": "600", "TASKNET_PAUSE_EXECUTABLE": "/usr/bin/pause",
            "TASKNET_LOG_LEVEL": "warning", "TASKNET_BLOCK_INSTANCE_METADATA": "true",
            "TASKNET_ADDITIONAL_LOCAL_ROUTES": "192.168.1.0/24, fd00::/8", "TASKNET_MTU": "9001",
            "TASKNET_INTERFACE_TYPE": "macvlan", "TASKNET_PARENT_INTERFACE": "eth1",
            "TASKNET_CONTAINER_STOP_TIMEOUT": "90s", "TASKNET_TASK_CLEANUP_WAIT": "1.5h",
            "TASKNET_EVENT_RETENTION": "24h", "TASKNET_RECONCILE_INTERVAL": "10m", "TASKNET_MAXIMUM_EVENTS": "2000",
            "TASKNET_RESERVED_PORTS": "22,51678", "TASKNET_INSTANCE_ATTRIBUTES": #"{"rack": "7", "ssd": "yes"}"#,
            "TASKNET_DNS_SERVERS": #"["10.1.0.2", "fd00::2"]"#, "TASKNET_DNS_SEARCH_DOMAINS": "svc.internal",
            "TASKNET_DNS_DOMAIN": "internal", "TASKNET_VPC_ID": "vpc-12345678",
            "TASKNET_VPC_CIDR_BLOCKS": "10.1.0.0/16,fd00:1::/56",
            "TASKNET_SUBNETS": """
            [{id: subnet-aaaaaaaa, name: blue, cidrBlock: 10.1.1.0/24},
             {name: green, availabilityZone: eu-central-1c, cidrBlock: 10.1.2.0/24,
              ipv6CidrBlock: "fd00:1:0:2::/64", route: none}]
            """,
            "TASKNET_PREFIX_LISTS": """
            [{id: pl-12345678, name: offices,
              entries: [{cidr: 192.0.2.0/24, description: north}, {cidr: "2001:db8::/32"}]}]
            """,
            "TASKNET_SECURITY_GROUPS": """
            [{name: web, ipPermissions: [{ipProtocol: tcp, fromPort: 80, toPort: 81,
              ipRanges: [{cidrIp: 0.0.0.0/0, description: all}], userIdGroupPairs: [{groupId: db}],
              prefixListIds: [{prefixListId: offices}]}]},
             {id: sg-87654321, name: db, description: The data, ipPermissionsEgress: [],
              ipPermissions: [{ipProtocol: "-1", ipv6Ranges: [{cidrIpv6: "fd00:1::/56"}]}]}]
            """,
            "TASKNET_HOST_SECURITY_GROUPS": "web, sg-87654321", "TASKNET_SECURITY_GROUPS_PER_INTERFACE": "3",
            "TASKNET_RULES_PER_SECURITY_GROUP": "100", "TASKNET_END_REVOKED_CONNECTIONS": "yes",
            "TASKNET_MANAGE_FORWARDING": "no", "TASKNET_WARM_POOL_MINIMUM": "3", "TASKNET_WARM_POOL_MAXIMUM": "12",
            "TASKNET_IMAGES": #"{"busybox": "/srv/images/busybox", "registry.example/app:1.2": "/srv/images/app"}"#,
        ]
        #expect(Set(environment.keys) == Set(ConfigurationKey.allCases.map(\.environmentVariable)))
        let configuration = try load(environment: environment)
        expectFull(configuration)
        let same = try load(Self.full)
        #expect(configuration == same)
    }

    @Test("The file takes what the API prints, and clears host bits as the API does")
    func printedDocuments() throws {
        let untouched = try load("")
        let group = try #require(untouched.securityGroups.first)
        let printed = try JSONEncoder().encode(SecurityGroupDescription(group, accountID: untouched.accountID))
        let again = try load("securityGroups: [\(String(decoding: printed, as: UTF8.self))]")
        #expect(again.securityGroups == [group])
        let configuration = try load(
            """
            prefixLists: [{PrefixListId: pl-12345678, PrefixListName: offices, State: create-complete, MaxEntries: 1,
              OwnerId: 000000000000, Entries: [{Cidr: 10.1.2.3/8}]}]
            securityGroups: [{GroupId: sg-12345678, GroupName: web, OwnerId: 000000000000, IpPermissions: [
              {IpProtocol: tcp, FromPort: 80, ToPort: 80, IpRanges: [{CidrIp: 10.0.0.1/8}],
               UserIdGroupPairs: [{GroupName: web, UserId: 000000000000}]}]}]
            """)
        #expect(configuration.prefixLists.map { $0.entries.map(\.block.description) } == [["10.0.0.0/8"]])
        let web = try #require(configuration.securityGroups.first)
        #expect(
            web.rules(.ingress).map(\.summary) == ["tcp port 80 from 10.0.0.0/8", "tcp port 80 from sg-12345678"])
    }

    @Test("The ECS agent's variables mean what they mean there")
    func ecsEnvironment() throws {
        let configuration = try load(
            environment: [
                "ECS_CLUSTER": "old", "AWS_DEFAULT_REGION": "eu-west-1", "ECS_DATADIR": "/data", "ECS_LOGLEVEL": "crit",
                "ECS_AWSVPC_BLOCK_IMDS": "true", "ECS_AWSVPC_ADDITIONAL_LOCAL_ROUTES": #"["10.15.0.0/24"]"#,
                "ECS_CONTAINER_STOP_TIMEOUT": "10s", "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION": "10m",
                "ECS_RESERVED_PORTS": "[22, 80]", "ECS_INSTANCE_ATTRIBUTES": #"{"stack":"prod"}"#,
                "ECS_ENABLE_TASK_ENI": "true",
            ])
        #expect(configuration.cluster == "old")
        #expect(configuration.region == "eu-west-1")
        #expect(configuration.availabilityZone == "eu-west-1a")
        #expect(configuration.privateDNSDomain == "eu-west-1.compute.internal")
        #expect(configuration.stateDirectory == "/data")
        #expect(configuration.logLevel == .critical)
        #expect(configuration.blockInstanceMetadata)
        #expect(configuration.additionalLocalRoutes.map(\.description) == ["10.15.0.0/24"])
        #expect(configuration.containerStopTimeout == .seconds(10))
        #expect(configuration.taskCleanupWait == .seconds(600))
        #expect(configuration.reservedPorts == [22, 80])
        #expect(configuration.instanceAttributes == ["stack": "prod"])
    }

    @Test("The command line goes before TASKNET_*, that before ECS_*, that before the file")
    func precedence() throws {
        let file = "cluster: file\nregion: file\naccountId: '000000000001'\nmtu: 1400"
        let environment = [
            "ECS_CLUSTER": "ecs", "TASKNET_CLUSTER": "tasknet", "AWS_DEFAULT_REGION": "ecs", "TASKNET_MTU": "",
        ]
        let configuration = try load(file, environment: environment)
        #expect(configuration.cluster == "tasknet")
        #expect(configuration.region == "ecs")
        #expect(configuration.accountID == "000000000001")
        // Set to nothing is not set.
        #expect(configuration.mtu == 1400)
        let overridden = try load(file, environment: environment, commandLine: [.cluster: "line"])
        #expect(overridden.cluster == "line")
    }

    @Test(
        "A key that does not exist is named, with its place and the nearest that does",
        arguments: [
            ("clutser: a", "test.yaml:1: clutser: is not a key of the configuration; did you mean cluster?"),
            (
                "\ndns:\n  server: []",
                "test.yaml:3: dns.server: is not a key of the configuration; did you mean dns.servers?"
            ),
            (
                "reserved_ports: []",
                "test.yaml:1: reserved_ports: is not a key of the configuration; did you mean reservedPorts?"
            ),
            (
                "subnets:\n  - name: a\n    cidr: 10.0.0.0/24",
                "test.yaml:3: subnets[0].cidr: is not a key of the configuration; did you mean subnets[0].cidrBlock?"
            ),
            (
                "vpc: {colour: red}",
                "test.yaml:1: vpc.colour: is not a key of the configuration; the keys here are vpc.id, vpc.cidrBlocks"
            ),
        ])
    func unknownKeys(text: String, message: String) {
        #expect(problems(text) == [message])
    }

    @Test(
        "What a value should have been is said, with its place",
        arguments: [
            ("mtu: big", #"test.yaml:1: mtu: "big" is not a number of bytes; write a whole number such as 1500"#),
            ("mtu: [1]", "test.yaml:1: mtu: is a list; write one value"),
            ("dns: 10.0.0.2", "test.yaml:1: dns: is not a mapping; its keys are"),
            (
                "containerStopTimeout: 30",
                #""30" is not a duration; write a number with its unit, such as 30s or 1h30m"#
            ),
            ("stateDirectory: data", #""data" is not an absolute path; write one that starts with /"#),
            ("controlSocket: {mode: rw}", #"controlSocket.mode: "rw" is not a file mode in octal; write "0660""#),
            ("logLevel: loud", #""loud" is not a log level; write debug, info, warning, error or critical"#),
            ("interfaceType: bridge", "one of veth, dummy, macvlan, ipvlan"),
            ("interfaceType: ipvlan", "ipvlan needs a NIC below it; name one as parentInterface"),
            ("parentInterface: eth1", "has no meaning with interfaceType veth"),
            ("{interfaceType: macvlan, parentInterface: 'a/b'}", #""a/b" cannot name an interface"#),
            ("reservedPorts: [22, 70000]", #"reservedPorts[1]: "70000" is not a port"#),
            ("dns: {servers: [dns.local]}", #"dns.servers[0]: "dns.local" is not an IP address"#),
            ("dns: {domain: '-a.b'}", #""-a.b" is not a domain name"#),
            ("accountId: 123", #""123" is not an account id; write 12 digits, in quotes"#),
            ("cluster: 'a b'", #""a b" is not a cluster name"#),
            ("mtu: 60", "60 bytes cannot carry IPv4"),
            ("mtu: 575", "575 bytes cannot carry IPv4; use 576 to 65535"),
            ("mtu: 65536", "no link has an MTU of 65536 bytes; use 576 to 65535"),
            ("{mtu: 1200, subnets: [{name: a, ipv6CidrBlock: 'fd00:1::/64'}]}", "1200 bytes cannot carry IPv6"),
            ("images: {host: /}", "images.host: always means the host's own root"),
            ("images: {busybox: busybox}", #"images.busybox: "busybox" is not an absolute path"#),
            (
                "images: {busybox: /}",
                #"images.busybox: "/" is the host's own root; leave the entry out and write image 'host'"#
            ),
            ("images: {busybox: /srv/..}", "images.busybox: "),
            ("subnets: [{cidrBlock: 10.0.0.0/24}]", "subnets[0]: has neither a name nor an id"),
            ("subnets: [{name: a}]", "it has no CIDR block"),
            ("subnets: []", "is empty; leave the key out for the default subnet"),
            ("subnets: [{id: blue, cidrBlock: 10.0.0.0/24}]", #"subnets[0].id: "blue" is not a subnet id"#),
            ("subnets: [{name: a, cidrBlock: 10.0.0.1/24}]", "subnets[0].cidrBlock: "),
            ("subnets: [{name: a, cidrBlock: 10.0.0.0/30}]", "is too small"),
            ("subnets: [{name: a, cidrBlock: 127.1.0.0/16}]", "loopback"),
            ("vpc: {id: blue}", #""blue" is not a VPC id"#),
            ("vpc: {cidrBlocks: [10.0.0.0/16]}", "10.64.1.0/24 lies outside the VPC's 10.0.0.0/16"),
            (
                "subnets: [{name: a, cidrBlock: 10.0.0.0/24}, {name: b, cidrBlock: 10.0.0.128/25}]",
                "its block 10.0.0.128/25 overlaps the block 10.0.0.0/24 of subnet a"
            ),
            (
                "subnets: [{name: a, cidrBlock: 10.0.0.0/24, route: out}]",
                "\"out\" is not a route; write one of nat, none, public"
            ),
            ("securityGroups: [{id: sg-12345678}]", "securityGroups[0]: has no name"),
            ("securityGroups: [{id: web, name: web}]", #"securityGroups[0]: Invalid id: "web""#),
            (
                "securityGroups: [{name: a}, {name: a}]",
                "securityGroups[1]: another security group has the same name or id"
            ),
            ("securityGroups: [{name: a, rules: []}]", "securityGroups[0].rules: is not a key of the configuration"),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tpc, ipRanges: [{cidrIp: 10.0.0.0/8}]}]}]",
                "securityGroups[0].ipPermissions[0]: Invalid value 'tpc' for IP protocol: Unknown protocol; it is tcp, udp,"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tcp, fromPort: 80, toPort: 80}]}]",
                "securityGroups[0].ipPermissions[0]: The permission for tcp names nobody; give IpRanges,"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: '-1', userIdGroupPairs: [{groupId: b}]}]}]",
                "securityGroups[0].ipPermissions[0]: The security group 'b' does not exist; there are: sg-"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: '-1', prefixListIds: [{prefixListId: b}]}]}]",
                "ipPermissions[0]: The prefix list ID 'b' does not exist; no prefix list is configured"
            ),
            (
                """
                securityGroups: [{name: a, ipPermissions: [
                  {ipProtocol: '-1', ipRanges: [{cidrIp: 10.0.0.0/8}, {cidrIp: 10.0.0.0/8, description: again}]}]}]
                """, #"securityGroups[0]: the specified rule "all traffic from 10.0.0.0/8" already exists"#
            ),
            (
                """
                rulesPerSecurityGroup: 1
                securityGroups: [{name: default, ipPermissionsEgress: [
                  {ipProtocol: '-1', ipRanges: [{cidrIp: 10.0.0.0/8}, {cidrIp: 11.0.0.0/8}]}]}]
                """, "would have 2 egress rules, at most 1 are allowed: join rules, or raise rulesPerSecurityGroup"
            ),
            (
                "hostSecurityGroups: [web]",
                "hostSecurityGroups[0]: The security group 'web' does not exist; there are: sg-"
            ),
            ("hostSecurityGroups: []", "hostSecurityGroups: is empty; leave the key out for the default group"),
            ("hostSecurityGroups: [default, default]", "hostSecurityGroups: names a group twice"),
            ("securityGroupsPerInterface: 0", "securityGroupsPerInterface: is 0; write 1 to 16"),
            ("maximumEvents: 10", "maximumEvents: is 10; write 100 to 1000000"),
            ("maximumEvents: many", "maximumEvents: \"many\" is not a number; write a whole number such as 50000"),
            ("prefixLists: [{entries: []}]", "prefixLists[0]: has neither a name nor an id"),
            (
                "prefixLists: [{name: a, entries: [{cidr: 10.0.0.1}]}]",
                "prefixLists[0].entries[0]: CIDR block '10.0.0.1' is malformed; Cidr: the prefix length"
            ),
            (
                "prefixLists: [{name: a, entries: [{cidr: 10.0.0.1/8}, {cidr: 10.0.0.2/8}]}]",
                "has the entry 10.0.0.0/8 more than once"
            ),
            ("prefixLists: [{name: a, entries: {}}]", "prefixLists[0].entries: is not a list; write [a, b]"),
            (
                "prefixLists: [{name: a, entries: [{cidr: 10.0.0.0/8}, {cidr: 10.0.0.0/8}]}]",
                "has the entry 10.0.0.0/8 more than once"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tcp, fromPort: 80, ipRanges: [{cidrIp: 10.0.0.0/8}]}]}]",
                "securityGroups[0].ipPermissions[0]: Invalid port range: both FromPort and ToPort are needed with tcp"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tcp, ipRanges: [{cidrIp: 10.0.0.0/8}]}]}]",
                "securityGroups[0].ipPermissions[0]: Invalid port range: both FromPort and ToPort are needed with tcp"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tcp, fromPort: 22:23, toPort: 80}]}]",
                "securityGroups[0].ipPermissions[0].fromPort: Invalid value '22:23' for FromPort"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tcp, frompot: 80}]}]",
                "ipPermissions[0].frompot: is not a key of the configuration; "
                    + "did you mean securityGroups[0].ipPermissions[0].fromPort?"
            ),
            (
                "securityGroups: [{name: a, ipPermissions: [{ipProtocol: tcp, IpProtocol: udp}]}]",
                "is given twice, with a small letter and a large; leave one of them out"
            ),
            ("securityGroups: [{name: a, vpcId: vpc-1}]", "securityGroups[0]: The vpc ID 'vpc-1' does not exist"),
            ("securityGroups: [a]", "securityGroups[0]: is not a mapping; write {name: value}"),
            ("securityGroups: [{name: [a]}]", "securityGroups[0].name: is not one value; write one value"),
            (
                """
                rulesPerSecurityGroup: -1
                securityGroups: [{name: a, ipPermissions: [{ipProtocol: '-1', ipRanges: [{cidrIp: 10.0.0.0/8}]}]}]
                """, "rulesPerSecurityGroup: is -1; write 1 to 1000"
            ),
            ("a: [", "is neither YAML nor JSON"),
            ("- a", "is not a mapping of keys to values"),
            ("cluster: a\ncluster: b", "the same key twice: cluster"),
        ])
    func badValues(text: String, message: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test("All problems are told at once, with who gave each value")
    func allAtOnce() {
        let found = problems("mtu: x\nregion: ''", environment: ["ECS_CONTAINER_STOP_TIMEOUT": "soon"])
        #expect(found.count == 3)
        #expect(found.contains { $0.hasPrefix("ECS_CONTAINER_STOP_TIMEOUT: containerStopTimeout: ") })
        #expect(found.contains { $0.hasPrefix("test.yaml:2: region: ") })
    }

    @Test("A variable that means nothing is a warning")
    func unknownVariable() throws {
        let loaded = try AgentConfiguration.load(
            text: "", environment: ["TASKNET_CLUSTR": "a", "TASKNET_CLUSTER": "b", "TASKNET_SOCKET": "/c", "HOME": "/"])
        #expect(
            loaded.warnings == [
                "TASKNET_CLUSTR is set but is not a variable of tasknetd; did you mean TASKNET_CLUSTER?"
            ])
        #expect(loaded.sources == [.cluster: "TASKNET_CLUSTER"])
    }

    @Test("A file that was asked for must be there; the default one need not")
    func files() throws {
        #expect(throws: ConfigurationError.self) {
            try AgentConfiguration.load(file: "/nonexistent/tasknet.yaml")
        }
        do {
            _ = try AgentConfiguration.load(file: "/nonexistent/tasknet.yaml")
        } catch {
            #expect("\(error)".contains("/nonexistent/tasknet.yaml: cannot be read: No such file or directory"))
        }
    }
}

@Suite("Configuration changes")
struct ConfigurationDifferenceTests {
    @Test("Every key is compared, and told apart by what a running daemon can take")
    func everyKey() throws {
        let old = AgentConfiguration()
        let new = try AgentConfiguration.load(text: ConfigurationTests.full).configuration
        let difference = old.difference(to: new)
        #expect(Set((difference.live + difference.needsRestart).map(\.key)) == Set(ConfigurationKey.allCases))
        #expect(!difference.live.contains { !$0.key.appliesLive })
        #expect(difference.needsRestart.map(\.key).contains(.stateDirectory))
        #expect(old.difference(to: old).isEmpty)
        #expect(difference.live.first { $0.key == .mtu }?.description == "mtu: the uplink's → 9001")
    }

    @Test("Only what can be taken live is taken")
    func applying() throws {
        let old = AgentConfiguration()
        let new = try AgentConfiguration.load(text: ConfigurationTests.full).configuration
        let applied = old.applyingLiveChanges(of: new)
        #expect(applied.subnets == new.subnets)
        #expect(applied.logLevel == .warning)
        #expect(applied.stateDirectory == old.stateDirectory)
        #expect(applied.difference(to: new).live.isEmpty)
    }
}
