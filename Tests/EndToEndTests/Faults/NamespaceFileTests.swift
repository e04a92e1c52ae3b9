// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite("Fault: a task's namespace file is unmounted", .requiresRoot)
struct NamespaceFileTests {
    @Test(
        "it is bound again, to the same namespace, and everything that needs it works",
        arguments: ["umount $FILE", "umount $FILE && rm $FILE", "umount $FILE && ip netns add $ID"])
    func unmounted(by command: String) async throws {
        try await Machine.with(configuration: "reconcileInterval: 1s\n") { machine in
            let task = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let arn = try #require(task["taskArn"].text)
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            let id = task["taskArn"].id
            let file = "/run/netns/\(id)"
            func inode() throws -> String { try machine.attempt(["stat", "-L", "-c", "%i", file]).output }
            let before = try inode()
            let shell = command.replacing("$FILE", with: file).replacing("$ID", with: id)
            try machine.run(["bash", "-c", shell])
            #expect(try inode() != before)

            try await machine.wait("the file is the task's again") { try inode() == before }
            let inside = try machine.run(["ip", "netns", "exec", id, "ip", "-o", "-4", "addr", "show", "eth0"])
            #expect(inside.contains(address))
            #expect(try machine.tasknet(["exec", id, "hostname"]).succeeded)
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
}
