// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import TestSupport
import Testing

/// A change that a daemon can die in the middle of: how it is brought about, and what may be there after the next start.
struct Crash: Sendable {
    /// Something that is there before, made by a daemon that does not die.
    var before: @Sendable (Machine) async throws -> Void = { _ in }
    /// What the daemon dies of; nil for what it does when it starts.
    var act: (@Sendable (Machine) async throws -> Void)?
    /// What has become of it when the next daemon has settled. Kernel and store agree already.
    var after: @Sendable (Machine) async throws -> Void = { _ in }

    static let task = """
        {"family": "sleeper", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 2, "command": ["sleep", "1000"]}]}
        """
    static let nic = "0a:11:22:33:44:55"
    static let eni = "eni-0123456789abcdef0"

    /// By what fault points begin with.
    static let all: [String: Crash] = [
        "run": Crash(act: run, after: { try await $0.expectTask("RUNNING") }),
        "provision": Crash(act: run, after: { try await $0.expectTask("RUNNING") }),
        "release": Crash(before: running, act: stop, after: { try await $0.expectTask("STOPPED") }),
        "attach": Crash(
            before: { machine in
                try await running(machine)
                try machine.addNIC()
            }, act: attach, after: { try await $0.expectENI("ATTACHED") }),
        "detach": Crash(before: attached, act: detach, after: { try await $0.expectENI("DETACHED") }),
        "sandbox-add": Crash(act: add, after: { _ in }),
        "sandbox-delete": Crash(
            before: add, act: delete, after: { try $0.expectNoInterfaces() }),
        // A moment after the answer.
        "released-links": Crash(before: add, act: delete, after: { try $0.expectNoInterfaces() }),
        "security-groups": Crash(act: createGroup, after: { try $0.expectGroup() }),
        "interface-groups": Crash(
            before: { machine in
                try createGroup(machine)
                try await running(machine)
            }, act: moveIntoGroup, after: { try $0.expectInGroup() }),
        // At the daemon's start, each of them.
        "host-network": Crash(after: { try await running($0) }),
        "forwarding": Crash(after: { try await running($0) }),
        "packet-filter": Crash(after: { try await running($0) }),
        "repair": Crash(
            before: running,
            act: { machine in
                // It may not look yet when it is ready.
                try await machine.wait("the daemon has died") {
                    let setting = "/proc/sys/net/ipv4/ip_forward"
                    try machine.run(["sh", "-c", "echo 1 >\(setting); echo 0 >\(setting)"])
                    return !machine.isDaemonAlive
                }
            }, after: { try await $0.expectTask("RUNNING") }),
    ]

    // MARK: - What is done

    static let run: @Sendable (Machine) async throws -> Void = { machine in
        _ = try machine.ask("RegisterTaskDefinition", task)
        _ = try machine.callIfAlive(
            "RunTask",
            """
            {"taskDefinition": "sleeper",
             "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
            """)
    }

    static let running: @Sendable (Machine) async throws -> Void = { machine in
        _ = try await machine.runAndWait(task)
    }

    static let stop: @Sendable (Machine) async throws -> Void = { machine in
        _ = try machine.callIfAlive("StopTask", #"{"task": "\#(try machine.onlyTask())"}"#)
    }

    static let attach: @Sendable (Machine) async throws -> Void = { machine in
        machine.mayAsk(
            "AttachNetworkInterface",
            """
            {"taskArn": "\(try machine.onlyTask())", "elasticNetworkInterfaces": [
              {"ec2Id": "\(eni)", "macAddress": "\(nic)", "index": 1,
               "ipv4Addresses": [{"primary": true, "privateAddress": "192.0.2.10"}],
               "subnetGatewayIpv4Address": "192.0.2.1/24"}]}
            """)
    }

    static let attached: @Sendable (Machine) async throws -> Void = { machine in
        try await running(machine)
        try machine.addNIC()
        try await attach(machine)
        try await machine.wait("the ENI is attached") { try machine.interfaceStatus() == "ATTACHED" }
    }

    static let detach: @Sendable (Machine) async throws -> Void = { machine in
        machine.mayAsk("DetachNetworkInterface", #"{"attachment": "\#(eni)"}"#)
    }

    static let add: @Sendable (Machine) async throws -> Void = { machine in
        try machine.run(["sh", "-c", "ip netns list | grep -qw box || ip netns add box"])
        machine.mayAsk(
            "AddSandboxNetworkInterface",
            """
            {"network": "net", "containerId": "box", "interfaceName": "eth0", "networkNamespace": "/run/netns/box"}
            """)
    }

    static let delete: @Sendable (Machine) async throws -> Void = { machine in
        machine.mayAsk(
            "DeleteSandboxNetworkInterface",
            #"{"network": "net", "containerId": "box", "interfaceName": "eth0"}"#)
    }

    static let createGroup: @Sendable (Machine) throws -> Void = { machine in
        machine.mayAsk("CreateSecurityGroup", #"{"GroupName": "web", "Description": "a group"}"#)
    }

    static let moveIntoGroup: @Sendable (Machine) async throws -> Void = { machine in
        let eni = try #require(try machine.interfaces().first?["networkInterfaceId"].text)
        machine.mayAsk(
            "ModifyNetworkInterfaceAttribute", #"{"NetworkInterfaceId": "\#(eni)", "Groups": ["web"]}"#)
    }
}
