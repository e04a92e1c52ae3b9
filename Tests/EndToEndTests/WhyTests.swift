// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Why one reaches another", .requiresRoot)
struct WhyTests {
    @Test("a sandbox in a group without rules: what stops it, the command that mends it, and a real connection")
    func sandboxes() async throws {
        try await Machine.with { machine in
            #expect(try machine.tasknet(["sg", "create", "quiet", "--description", "hears nobody"]).succeeded)
            try machine.addSandbox("speaker", groups: #"["default"]"#)
            try machine.addSandbox("listener", groups: #"["quiet"]"#)

            let stopped = try machine.tasknet(["why", "speaker", "listener/icmp", "--probe", "--json"])
            #expect(stopped.status == .exited(3))
            let answer = try JSON(parsing: stopped.output)
            #expect(answer["NetworkPathFound"] == .flag(false))
            #expect(answer["Explanations"][0]["ExplanationCode"].text == "SG_HAS_NO_RULES")
            #expect(answer["Drift"].elements.isEmpty, "\(answer)")
            let mend = try #require(answer["Explanations"][0]["Mend"].text)

            let program = try BuiltProduct.path("tasknet").string
            try machine.run(["bash", "-c", mend.replacing("tasknet ", with: program + " ", maxReplacements: 1)])
            let passes = try machine.tasknet(["why", "speaker", "listener/icmp", "--probe", "--json"])
            #expect(passes.status == .exited(0), "\(passes.output)")
            #expect(try JSON(parsing: passes.output)["Probe"]["Result"].text == "reached")
            // The groups are stateful: the answer passed, a question does not.
            #expect(try machine.tasknet(["why", "listener", "speaker/icmp"]).status == .exited(3))
            let unknown = try machine.tasknet(["why", "speaker", "nobody"])
            #expect(unknown.status == .exited(2), "\(unknown)")

            for name in ["speaker", "listener"] { try machine.deleteSandbox(name) }
            #expect(try machine.tasknet(["sg", "delete", "quiet"]).succeeded)
            try await machine.expectNothingLeft()
        }
    }
}

extension Machine {
    /// A network namespace with an ENI in these groups (a JSON list), as a container runtime makes it by CNI.
    fileprivate func addSandbox(_ name: String, groups: String) throws {
        try run(["ip", "netns", "add", name])
        try callPlugin("ADD", name, #", "securityGroups": \#(groups)"#)
    }

    fileprivate func deleteSandbox(_ name: String) throws {
        try callPlugin("DEL", name, "")
        try run(["ip", "netns", "del", name])
    }

    private func callPlugin(_ command: String, _ name: String, _ keys: String) throws {
        let directory = host.directory.appending("cni")
        let program = try BuiltProduct.path("tasknet-cni")
        try run([
            "bash", "-c",
            """
            mkdir -p \(directory) && ln -sf \(program) \(directory)/tasknet
            CNI_COMMAND=\(command) CNI_CONTAINERID=\(name) CNI_NETNS=/run/netns/\(name) CNI_IFNAME=eth0 \
            CNI_PATH=\(directory) \(directory)/tasknet <<END
            {"cniVersion": "1.0.0", "name": "vpc", "type": "tasknet"\(keys)}
            END
            """,
        ])
    }
}
