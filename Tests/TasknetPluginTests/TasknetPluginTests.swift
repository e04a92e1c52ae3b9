// SPDX-License-Identifier: Apache-2.0

import Foundation
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// The built plugin, against a socket that answers as the daemon would.
@Suite("CNI plugin tasknet")
struct TasknetPluginTests {
    private static let added = #"""
        {"networkInterface":{"networkInterfaceId":"eni-1"},
         "interfaces":[{"name":"tn-1","mac":"0e:00:00:00:00:01","mtu":1500},
                       {"name":"eth0","mac":"0a:00:00:00:00:01","mtu":1500,"sandbox":"/run/netns/c1"}],
         "ips":[{"address":"10.64.1.4/24","gateway":"10.64.1.1","interface":1}],
         "routes":[{"dst":"0.0.0.0/0","gw":"10.64.1.1"}],
         "dns":{"nameservers":["10.64.1.2"]}}
        """#

    @Test("ADD: what is asked for in the configuration, and the answer as a result")
    func add() throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let answer = try fixture.call(
                "ADD",
                #"""
                "subnet":"blue","securityGroups":["sg-1","sg-2"],"interfaceType":"veth","mac":"0a:00:00:00:00:01",
                "assignPublicIp":true,"mtu":1400,"ipv6":false,"dns":{"nameservers":["9.9.9.9"],"search":["a.b"]},
                "waitTimeoutMs":5,"parentInterface":"nic","interfaceVlanProperties":{"vlanId":7}
                """#)
            #expect(answer.succeeded, "\(answer)")
            let expected = try JSON(
                parsing: #"""
                    {"network":"vpc","containerId":"c1","interfaceName":"eth0",
                     "networkNamespace":"\#(fixture.namespacePath)","subnet":"blue","securityGroups":["sg-1","sg-2"],"interfaceType":"veth",
                     "macAddress":"0a:00:00:00:00:01","assignPublicIp":"ENABLED","mtu":1400,"ipv6":false,
                     "dns":{"nameservers":["9.9.9.9"],"search":["a.b"]},"waitTimeoutMs":5,"parentInterface":"nic",
                     "interfaceVlanProperties":{"vlanId":"7"}}
                    """#)
            #expect(fixture.requests == [.init(operation: "AddSandboxNetworkInterface", body: expected)])
            #expect(answer.document["ips"][0]["address"].text == "10.64.1.4/24")
            #expect(answer.document["ips"][0]["interface"].integer == 1)
            #expect(answer.document["interfaces"][1]["sandbox"].text == "/run/netns/c1")
            #expect(answer.document["routes"][0]["gw"].text == "10.64.1.1")
            #expect(answer.document["dns"]["nameservers"].texts == ["10.64.1.2"])
        }
    }

    @Test("A pod's annotations, a runtime's capabilities and CNI_ARGS override the configuration, in this order")
    func precedence() throws {
        let annotated = #"""
            "subnet":"a","securityGroups":["sg-a"],
            "runtimeConfig":{"io.kubernetes.cri.pod-annotations":{
                                 "tasknet/subnet":"b","tasknet/security-groups":"sg-b, sg-c"},
                             "ips":["10.64.1.9/24"],"mac":"0a:00:00:00:00:09",
                             "dns":{"Servers":["1.1.1.1"],"Searches":["x.y"],"Options":null}}
            """#
        try PluginFixture.with(answer: Self.added) { fixture in
            _ = try fixture.call("ADD", annotated)
            let body = try #require(fixture.requests.last?.body)
            #expect(body["subnet"].text == "b" && body["securityGroups"].texts == ["sg-b", "sg-c"])
            #expect(body["ipAddresses"].texts == ["10.64.1.9/24"] && body["macAddress"].text == "0a:00:00:00:00:09")
            #expect(body["dns"]["nameservers"].texts == ["1.1.1.1"] && body["dns"]["search"].texts == ["x.y"])

            _ = try fixture.call(
                "ADD", annotated,
                arguments: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;subnet=c;securityGroups=sg-d;"
                    + "IP=10.64.1.10;MAC=0a:00:00:00:00:0a;OTHER=1")
            let overridden = try #require(fixture.requests.last?.body)
            #expect(overridden["subnet"].text == "c" && overridden["securityGroups"].texts == ["sg-d"])
            #expect(overridden["ipAddresses"].texts == ["10.64.1.10"])
            #expect(overridden["macAddress"].text == "0a:00:00:00:00:0a")
            #expect(overridden["podNamespace"].text == "default" && overridden["podName"].text == "web")
        }
    }

    @Test("Chained after another plugin: its result is passed on with ours behind it")
    func chained() throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let answer = try fixture.call("ADD", #""prevResult":{"interfaces":[{"name":"first"}],"dns":{}}"#)
            #expect(answer.document["interfaces"].elements.map(\.["name"].text) == ["first", "tn-1", "eth0"])
            #expect(answer.document["ips"][0]["interface"].integer == 2)
        }
    }

    @Test(
        "Keys that nobody knows, and values of other types, are refused by name before anybody is asked",
        arguments: [
            (#""securityGroup":["sg-1"]"#, 2, "securityGroup"), (#""ipam":{"type":"host-local"}"#, 2, "ipam"),
            (#""subnet":1"#, 7, "subnet"), (#""securityGroups":"sg-1""#, 7, "securityGroups"),
            (#""securityGroups":[1]"#, 7, "securityGroups[0]"), (#""mtu":"1500""#, 7, "mtu"),
            (#""mtu":1.5"#, 7, "mtu"), (#""ipv6":"no""#, 7, "ipv6"), (#""dns":[]"#, 7, "dns"),
            (#""dns":{"nameservers":"9.9.9.9"}"#, 7, "dns.nameservers"), (#""assignPublicIp":1"#, 7, "assignPublicIp"),
            (#""dns":{"nameserver":[]}"#, 2, "nameserver"), (#""subnet":"a","subnet":"b""#, 7, "subnet"),
            (#""waitTimeoutMs":9223372036854775807"#, 7, "waitTimeoutMs"), (#""waitTimeoutMs":0"#, 7, "waitTimeoutMs"),
            (#""interfaceVlanProperties":{"vlanId":true}"#, 7, "interfaceVlanProperties.vlanId"),
            (
                #""runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"tasknet/security-group":"sg-1"}}"#, 2,
                "security-group"
            ),
            (#""runtimeConfig":{"ips":"10.0.0.1"}"#, 7, "runtimeConfig.ips"),
            (#""runtimeConfig":[]"#, 7, "runtimeConfig"),
            (#""args":{"cni":{"ips":{}}}"#, 7, "args.cni.ips"), (#""socket":1"#, 7, "socket"),
        ])
    func badKeys(keys: String, code: Int, key: String) throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let answer = try fixture.call("ADD", keys)
            #expect(answer.status == .exited(1) && answer.code == code, "\(answer)")
            #expect(answer.message.contains(key), "\(answer)")
            #expect(fixture.requests.isEmpty)
        }
    }

    @Test("A namespace that is none, in each way, is refused with the variable's name")
    func badNamespaces() throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let directory = fixture.host.directory
            try Data().write(to: URL(fileURLWithPath: directory.appending("file").string))
            try FileManager.default.createSymbolicLink(
                atPath: directory.appending("link").string, withDestinationPath: directory.appending("file").string)
            let own = fixture.host.namespacePath("host").string
            let paths = ["file", "link", "none"].map { directory.appending($0).string }
            for path in paths + [directory.string, "/dev/null", "/proc/self/ns/mnt", "/proc/self/ns/net", own] {
                let answer = try fixture.call("ADD", "", namespace: .path(path))
                #expect(answer.code == 4 && answer.message.contains("CNI_NETNS"), "\(path): \(answer)")
            }
            #expect(fixture.requests.isEmpty)
            let link = directory.appending("good")
            try FileManager.default.createSymbolicLink(
                atPath: link.string, withDestinationPath: fixture.namespacePath)
            #expect(try fixture.call("ADD", "", namespace: .path(link.string)).succeeded)
        }
    }

    @Test(
        "A name that no link can have is refused with the variable's name",
        arguments: ["lo", "all", "default", "e%d", "é\u{200d}"])
    func badInterfaceNames(name: String) throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let answer = try fixture.call("ADD", "", interfaceName: name)
            #expect(answer.code == 4 && answer.message.contains("CNI_IFNAME"), "\(answer)")
            #expect(fixture.requests.isEmpty)
        }
    }

    @Test("DEL does without what is wrong about its variables, and what the daemon knows no such name of is gone")
    func forgivingDeletion() throws {
        try PluginFixture.with(answer: "{}") { fixture in
            let prevResult = #""prevResult":{"ips":[{"address":"10.0.0.1/24","interface":7}]}"#
            let answer = try fixture.call("DEL", prevResult, interfaceName: "lo", arguments: "nonsense")
            #expect(answer.succeeded, "\(answer)")
            #expect(fixture.requests.last?.body["interfaceName"].text == "lo")
        }
        let refusal = #"{"__type":"InvalidParameterException","message":"no such name"}"#
        try PluginFixture.with(status: 400, answer: refusal) { fixture in
            let answer = try fixture.call("DEL", "", interfaceName: "e%d")
            #expect(answer.succeeded, "\(answer)")
        }
    }

    @Test("A path is passed on without what means nothing in it")
    func untidyNamespacePaths() throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let tidy = fixture.namespacePath
            let directory = tidy.dropLast("/sandbox".count)
            for path in ["/\(directory)//sandbox", "\(directory)/./sandbox", "\(directory)/../netns/sandbox"] {
                let answer = try fixture.call("ADD", "", namespace: .path(path))
                #expect(answer.succeeded, "\(answer)")
                #expect(fixture.requests.last?.body["networkNamespace"].text == tidy)
            }
        }
    }

    @Test("A socket's path that is none is refused; an empty one is not set")
    func badSocketPaths() throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            for path in ["y.sock", "x/y.sock"] {
                for command in ["ADD", "DEL"] {
                    let answer = try fixture.call(command, "", socket: path)
                    #expect(answer.code == 7 && answer.message.contains("socket in network config"), "\(answer)")
                }
                let answer = try fixture.call("DEL", "", socket: "", environment: ["TASKNET_SOCKET": path])
                #expect(answer.code == 7 && answer.message.contains("TASKNET_SOCKET"), "\(answer)")
            }
            let path = fixture.socketPath
            let answer = try fixture.call("ADD", "", socket: "", environment: ["TASKNET_SOCKET": path])
            #expect(answer.succeeded && fixture.requests.count == 1, "\(answer)")
        }
    }

    @Test("An answer without an interface or an address is none of the daemon's")
    func strangeAnswers() throws {
        for text in ["{}", #"{"interfaces":[{"name":"eth0","sandbox":"/n"}]}"#, "[]", "true", ""] {
            try PluginFixture.with(answer: text) { fixture in
                let answer = try fixture.call("ADD", "")
                #expect(answer.status == .exited(1) && [6, 100].contains(answer.code), "\(text): \(answer)")
            }
        }
    }

    @Test("What the daemon refuses is told in its words, with the code for it")
    func refusals() throws {
        for (type, code) in [
            ("InvalidParameterException", 7), ("SerializationException", 7), ("RequestEntityTooLargeException", 7),
            ("UnsupportedFeatureException", 2), ("ServerException", 100),
            ("ClientException", 100),
        ] {
            try PluginFixture.with(status: 400, answer: #"{"__type":"\#(type)","message":"no such thing"}"#) {
                fixture in
                let answer = try fixture.call("ADD", "")
                #expect(answer.code == code && answer.message.contains("no such thing"), "\(answer)")
            }
        }
    }

    @Test("CHECK says what is not as it was; GC passes on what is still attached")
    func checkAndCollect() throws {
        try PluginFixture.with(answer: #"{"differences":["route gone","link down"],"deleted":[]}"#) { fixture in
            let check = try fixture.call("CHECK", #""prevResult":{"dns":{}}"#)
            #expect(check.code == 100 && check.message.contains("route gone; link down"))
            let collection = try fixture.call(
                "GC", #""cni.dev/valid-attachments":[{"containerID":"c1","ifname":"eth0"}]"#)
            #expect(collection.succeeded && collection.output == "")
            #expect(
                try fixture.requests.last?.body
                    == JSON(
                        parsing: #"{"network":"vpc","validAttachments":[{"containerId":"c1","interfaceName":"eth0"}]}"#)
            )
        }
    }

    @Test("STATUS: 50 with the daemon's reason")
    func status() throws {
        try PluginFixture.with(answer: #"{"ready":true}"#) { fixture in
            let answer = try fixture.call("STATUS", "")
            #expect(answer.succeeded && answer.output == "")
        }
        try PluginFixture.with(answer: #"{"ready":false,"reason":"subnet blue is full"}"#) { fixture in
            let answer = try fixture.call("STATUS", #""subnet":"blue""#)
            #expect(answer.code == 50 && answer.message.contains("subnet blue is full"))
            #expect(fixture.requests.last?.body["subnet"].text == "blue")
        }
    }

    @Test("Without a daemon ADD and the like fail at once, and say how to start it")
    func withoutDaemon() throws {
        try PluginFixture.withoutDaemon { fixture in
            for (command, code) in [("ADD", 11), ("CHECK", 11), ("GC", 11), ("STATUS", 50)] {
                let answer = try fixture.call(command, #""prevResult":{"dns":{}},"cni.dev/valid-attachments":[]"#)
                #expect(answer.code == code && answer.message.contains("systemctl start tasknetd"), "\(answer)")
            }
            #expect(fixture.pendingDeletions.isEmpty)
        }
    }

    @Test("Without a daemon DEL succeeds and is kept for it, once however often it comes")
    func deletionWithoutDaemon() throws {
        try PluginFixture.withoutDaemon { fixture in
            for _ in 0..<3 { #expect(try fixture.call("DEL", "").succeeded) }
            // The namespace is gone by the time of most DELs.
            let long = String(repeating: "f", count: 5000)
            let other = try fixture.call("DEL", "", containerID: long, namespace: .none)
            #expect(other.succeeded, "\(other)")
            let pending = fixture.pendingDeletions
            #expect(pending.count == 2)
            let body = try #require(pending.first { $0["containerId"].text == "c1" })
            #expect(body["network"].text == "vpc" && body["interfaceName"].text == "eth0")
            #expect(body["networkNamespace"].text == fixture.namespacePath)
            #expect(pending.contains { $0["containerId"].text?.count == 5000 && $0["networkNamespace"].isNull })
        }
    }

    @Test("A DEL where no daemon has ever run has nothing to keep")
    func deletionWithoutRuntimeDirectory() throws {
        try PluginFixture.withoutDaemon { fixture in
            let nowhere = fixture.host.directory.appending("nowhere")
            let answer = try fixture.call("DEL", "", socket: nowhere.appending("tasknet.sock").string)
            #expect(answer.succeeded, "\(answer)")
            #expect(!FileManager.default.fileExists(atPath: nowhere.string))
        }
    }

    @Test("A DEL that cannot be kept fails, so that the runtime calls again")
    func deletionThatCannotBeKept() throws {
        try PluginFixture.withoutDaemon { fixture in
            try Data().write(to: URL(fileURLWithPath: fixture.runtimeDirectory.appending("cni").string))
            let answer = try fixture.call("DEL", "")
            #expect(answer.code == 5 && answer.message.contains("cannot be kept"), "\(answer)")
        }
    }

    @Test("A daemon that goes away in the middle of a DEL is no daemon")
    func interruptedDeletion() throws {
        try PluginFixture.with(status: 0, answer: "") { fixture in
            let answer = try fixture.call("DEL", "")
            #expect(answer.succeeded && fixture.pendingDeletions.count == 1)
        }
    }

    @Test("Ten megabytes of configuration are read; hostile ones are refused")
    func largeConfigurations() throws {
        try PluginFixture.with(answer: Self.added) { fixture in
            let large = String(repeating: "x", count: 10 << 20)
            #expect(try fixture.call("ADD", #""args":{"labels":"\#(large)"}"#).succeeded)
            let unknown = try fixture.call("ADD", #""labels":"\#(large)""#)
            #expect(unknown.code == 2)
            #expect(unknown.output.utf8.count < 1000)
            let deep = String(repeating: "[", count: 100_000)
            #expect(try fixture.call("ADD", #""args":\#(deep)"#).code == 6)
        }
    }
}
