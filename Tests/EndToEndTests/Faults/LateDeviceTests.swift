// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite("Fault: a NIC that comes after the time-out", .requiresRoot)
struct LateDeviceTests {
    private static let mac = "0a:11:22:33:55:01"

    private static func message(task: String, wait: Int) -> String {
        """
        {"taskArn": "\(task)", "waitTimeoutMs": \(wait), "elasticNetworkInterfaces": [
          {"ec2Id": "eni-0123456789abcdef0", "macAddress": "\(mac)", "subnetId": "default"}]}
        """
    }

    @Test("the attachment has failed with its reason, the NIC stays on the host, and the ENI can come again")
    func late() async throws {
        try await Machine.with { machine in
            let task = try #require(
                try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))["taskArn"].text)
            let free = try machine.freeAddresses()
            func attachment() throws -> JSON { try machine.describe(task)["attachments"][1] }
            _ = try machine.ask(
                "AttachNetworkInterface", Self.message(task: task, wait: 50), service: "TaskNetwork")
            try await machine.wait("the attachment has failed") { try attachment()["status"].text == "FAILED" }
            #expect(try attachment().detail("statusReason")?.contains("\(Self.mac) (waited 0.0") == true)
            #expect(try machine.freeAddresses() == free, "its lease is free")
            #expect(try machine.daemonLog().contains("ENI not attached"))

            try machine.run([
                "ip", "link", "add", "late0", "address", Self.mac, "type", "veth", "peer", "name", "far",
            ])
            let untouched = try machine.runJSON(["ip", "-j", "link", "show", "late0"])
            // A whole round of the daemon: had it taken the NIC, it would have done so by now.
            let other = try await machine.runAndWait(Machine.sleeper("other", seconds: 1002))
            #expect(try machine.runJSON(["ip", "-j", "link", "show", "late0"]) == untouched)
            #expect(try attachment()["status"].text == "FAILED")

            _ = try machine.ask(
                "AttachNetworkInterface", Self.message(task: task, wait: 60_000), service: "TaskNetwork")
            try await machine.wait("the ENI is attached") { try attachment()["status"].text == "ATTACHED" }
            for arn in [task, try #require(other["taskArn"].text)] { try await machine.stop(arn) }
            #expect(try machine.freeAddresses() == free + 2 - 1)
            try machine.run(["ip", "link", "del", "late0"])
            try await machine.expectNothingLeft()
        }
    }
}
