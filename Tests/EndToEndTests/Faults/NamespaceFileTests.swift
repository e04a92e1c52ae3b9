// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@Suite("Fault: a task's namespace file is unmounted", .requiresRoot)
struct NamespaceFileTests {
    @Test(
        "it is bound again, to the same namespace, and everything that needs it works",
        arguments: ["umount $FILE", "umount $FILE && rm $FILE"])
    func unmounted(by command: String) async throws {
        try await Machine.with(configuration: "reconcileInterval: 0\n") { machine in
            let task = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let arn = try #require(task["taskArn"].text)
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            let id = task["taskArn"].id
            let file = "/run/netns/\(id)"
            func inode() throws -> String { try machine.attempt(["stat", "-L", "-c", "%i", file]).output }
            let before = try inode()
            // Both before the daemon looks.
            try machine.signalDaemon(SIGSTOP)
            try machine.run(["bash", "-c", command.replacing("$FILE", with: file)])
            #expect(try inode() != before)
            try machine.signalDaemon(SIGCONT)

            try await machine.wait("the file is the task's again") { try inode() == before }
            let inside = try machine.run(["ip", "netns", "exec", id, "ip", "-o", "-4", "addr", "show", "eth0"])
            #expect(inside.contains(address))
            #expect(try machine.tasknet(["exec", id, "--", "hostname"]).succeeded)
            let mac = "0a:11:22:33:77:01"
            try machine.run(["ip", "link", "add", "nic0", "address", mac, "type", "veth", "peer", "name", "far"])
            _ = try machine.ask(
                "AttachNetworkInterface",
                """
                {"taskArn": "\(arn)", "elasticNetworkInterfaces": [
                  {"ec2Id": "eni-0123456789abcdef0", "macAddress": "\(mac)", "subnetId": "default"}]}
                """, service: "TaskNetwork")
            try await machine.wait("the ENI is attached") {
                try machine.describe(arn)["attachments"][1]["status"].text == "ATTACHED"
            }
            #expect(try machine.describe(arn)["lastStatus"].text == "RUNNING")
            try await machine.stop(arn)
            try machine.run(["ip", "link", "del", "nic0"])
            try await machine.expectNothingLeft()
        }
    }

    @Test("another namespace in its place is left alone and told; the task's comes back when that has gone")
    func replaced() async throws {
        try await Machine.with(configuration: "reconcileInterval: 0\n") { machine in
            let task = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let arn = try #require(task["taskArn"].text)
            let (id, file) = (task["taskArn"].id, "/run/netns/\(task["taskArn"].id)")
            let before = try machine.run(["stat", "-L", "-c", "%i", file])
            try machine.signalDaemon(SIGSTOP)
            try machine.run(["bash", "-c", "umount \(file) && rm \(file) && ip netns add \(id)"])
            try machine.signalDaemon(SIGCONT)

            try await machine.waitForLog("another namespace has this name")
            #expect(try machine.runJSON(["ip", "-n", id, "-j", "link"]).elements.count == 1)
            #expect(try machine.describe(arn)["lastStatus"].text == "RUNNING")
            #expect(try machine.tasknet(["ps"]).output.contains("BROKEN"))
            let doctor = try machine.tasknet(["doctor"]).output
            #expect(doctor.contains("another namespace has this name"), "\(doctor)")
            try machine.run(["ip", "netns", "del", id])
            try await machine.wait("the file is the task's again") {
                try machine.attempt(["stat", "-L", "-c", "%i", file]).output == before
            }
            try await machine.stop(arn)
            try await machine.expectNothingLeft()
        }
    }
}
