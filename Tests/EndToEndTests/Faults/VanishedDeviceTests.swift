// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite("Fault: a NIC vanishes while it is attached", .requiresRoot)
struct VanishedDeviceTests {
    private static let mac = "0a:11:22:33:88:01"

    private func makeDevice(on machine: Machine) throws {
        try machine.run(["ip", "link", "add", "nic0", "address", Self.mac, "type", "veth", "peer", "name", "far"])
    }

    /// A task with an ENI on a device that has gone.
    private func vanish(on machine: Machine) async throws -> String {
        let task = try #require(
            try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))["taskArn"].text)
        try makeDevice(on: machine)
        _ = try machine.ask(
            "AttachNetworkInterface",
            """
            {"taskArn": "\(task)", "elasticNetworkInterfaces": [
              {"ec2Id": "eni-0123456789abcdef0", "macAddress": "\(Self.mac)", "subnetId": "default"}]}
            """, service: "TaskNetwork")
        try await machine.wait("the ENI is attached") {
            try machine.describe(task)["attachments"][1]["status"].text == "ATTACHED"
        }
        // Its cable's other end, as it were: both ends go.
        try machine.run(["ip", "link", "del", "far"])
        return task
    }

    @Test("the task goes on; detaching the ENI, or stopping the task, frees all that it had", arguments: [true, false])
    func vanishes(isDetached: Bool) async throws {
        try await Machine.with(configuration: "reconcileInterval: 0\n") { machine in
            let free = try machine.freeAddresses()
            let task = try await vanish(on: machine)
            #expect(try machine.freeAddresses() == free - 2)
            try await machine.waitForLog("a network cannot be put right")
            #expect(try machine.describe(task)["lastStatus"].text == "RUNNING")
            try await machine.wait("the ENI says so") {
                try machine.describe(task)["attachments"][1].detail("statusReason")?.contains(Self.mac) == true
            }
            #expect(try machine.tasknet(["ps"]).output.contains("BROKEN"))
            let doctor = try machine.tasknet(["doctor"])
            #expect(doctor.output.contains(Self.mac), "\(doctor.output)")
            if isDetached {
                let answer = try machine.ask(
                    "DetachNetworkInterface", #"{"attachment": "eni-0123456789abcdef0"}"#, service: "TaskNetwork")
                #expect(answer["attachment"]["status"].text == "DETACHED", "\(answer)")
                #expect(try machine.freeAddresses() == free - 1)
            }
            try await machine.stop(task)
            #expect(try machine.freeAddresses() == free)
            #expect(try machine.daemonLog().contains("is neither in the task nor on the host any more"))
            try await machine.expectNothingLeft()
        }
    }

    @Test("when it comes back it is taken again")
    func comesBack() async throws {
        try await Machine.with(configuration: "reconcileInterval: 0\n") { machine in
            let task = try await vanish(on: machine)
            let id = JSON.string(task).id
            try await machine.waitForLog("a network cannot be put right")
            try makeDevice(on: machine)
            try await machine.wait("the NIC is in the task") {
                try machine.attempt(["ip", "-n", id, "-j", "link", "show", "eth1"]).output.contains(Self.mac)
            }
            try await machine.wait("and has its addresses") {
                try machine.attempt(["ip", "-n", id, "-o", "-4", "addr", "show", "eth1"]).output.contains("10.64.1.")
            }
            try await machine.wait("nothing is said of it any more") {
                try machine.describe(task)["attachments"][1].detail("statusReason") == nil
            }
            try await machine.stop(task)
            #expect(try machine.runJSON(["ip", "-j", "link", "show", "nic0"])[0]["address"].text == Self.mac)
            try machine.run(["ip", "link", "del", "nic0"])
            try await machine.expectNothingLeft()
        }
    }
}
