// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Namespaces that a runtime made, with the plugin and the daemon as they are.
@Suite("Sandboxes of other runtimes", .requiresRoot)
struct SandboxTests {
    private static let processes = 8
    private static let each = 25

    @Test("200 ADDs from 8 processes at once, then 200 DELs: no address twice, nothing left")
    func manyAtOnce() async throws {
        try await Machine.with { machine in
            let before = try machine.state()
            try machine.inParallel(Self.processes, Self.each, "ip netns add $id && plugin ADD $id >$out/$id")
            let results = try machine.results()
            #expect(results.count == Self.processes * Self.each)
            let addresses = results.compactMap { $0["ips"][0]["address"].text }
            #expect(Set(addresses).count == results.count)
            let known = try machine.tasknetJSON(["eni", "list"])["networkInterfaces"].elements
            #expect(
                Set(known.flatMap { $0["privateIpv4Addresses"].texts })
                    == Set(addresses.map { $0.prefix { $0 != "/" } }.map(String.init)))
            for result in results.prefix(3) { try machine.expectReachable(result) }

            // Half of the namespaces go first, as with runtimes that send the DEL late.
            try machine.inParallel(
                Self.processes, Self.each,
                "if [ $((number % 2)) = 0 ]; then ip netns delete $id; fi; plugin DEL $id && { ip netns delete $id 2>&1 || true; }"
            )
            try await machine.expectNothingLeft()
            #expect(try machine.state() == before)
        }
    }

    @Test("A DEL without a daemon is done by the next one, a sandbox lives through a restart")
    func withoutDaemon() async throws {
        try await Machine.with { machine in
            let before = try machine.state()
            try machine.inParallel(1, 2, "ip netns add $id && plugin ADD $id >$out/$id")
            let results = try machine.results()
            try machine.endDaemon(SIGKILL)
            for result in results { try machine.expectReachable(result) }
            let refused = try machine.attempt(["bash", "-c", machine.script("plugin ADD s0-1")])
            #expect(!refused.succeeded && refused.output.contains("tasknetd is not running"))
            try machine.run(["bash", "-c", machine.script("plugin DEL s0-0 && ip netns delete s0-0")])

            try machine.startDaemon()
            #expect(try machine.tasknetJSON(["eni", "list"])["networkInterfaces"].elements.count == 1)
            #expect(try !machine.attempt(["ls", "/run/tasknet/cni/deletions"]).output.contains("json"))
            try machine.expectReachable(results[1])
            try machine.run([
                "bash", "-c", machine.script("plugin CHECK s0-1 && plugin DEL s0-1 && ip netns delete s0-1"),
            ])
            try await machine.expectNothingLeft()
            #expect(try machine.state() == before)
        }
    }
}

extension Machine {
    private var resultDirectory: String { host.directory.appending("results").string }

    /// Bash with a function `plugin COMMAND CONTAINER` that calls the plugin as a runtime does.
    fileprivate func script(_ body: String) throws -> String {
        let program = try BuiltProduct.path("tasknet-cni")
        return """
            set -e
            out=\(resultDirectory) && mkdir -p $out/bin && ln -sf \(program) $out/bin/tasknet
            plugin() {
              CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=eth0 CNI_PATH=$out/bin $out/bin/tasknet <<END
            {"cniVersion":"1.1.0","name":"vpc","type":"tasknet","prevResult":{"dns":{}}}
            END
            }
            \(body)
            """
    }

    /// Runs a command in so many processes so many times each, with `id` and `number` set.
    fileprivate func inParallel(_ processes: Int, _ each: Int, _ command: String) throws {
        try run([
            "bash", "-c",
            script(
                """
                for process in $(seq 0 \(processes - 1)); do
                  (for number in $(seq 0 \(each - 1)); do id=s$process-$number; \(command); done) & all+=($!)
                done
                for process in "${all[@]}"; do wait $process; done
                """),
        ])
    }

    /// The results of ADD, by the container's id.
    fileprivate func results() throws -> [JSON] {
        try FileManager.default.contentsOfDirectory(atPath: resultDirectory).filter { $0 != "bin" }.sorted().map {
            name throws -> JSON in
            try JSON(parsing: String(contentsOfFile: "\(resultDirectory)/\(name)", encoding: .utf8))
        }
    }

    /// From the host.
    fileprivate func expectReachable(_ result: JSON) throws {
        let address = try #require(result["ips"][0]["address"].text).prefix { $0 != "/" }
        try run(["ping", "-c", "1", "-W", "5", String(address)])
    }

    /// What a sandbox changes and its end changes back.
    fileprivate func state() throws -> [String] {
        let kernel = try ["link", "address", "route", "neigh", "rule"].map { object in
            try run(["ip", "-o", object]).split(separator: "\n").sorted().joined(separator: "\n")
        }
        let free = try tasknetJSON(["subnet", "list"])["subnets"][0]["availableIpAddressCount"].integer
        let files = try attempt(["find", "/run/tasknet", "/run/netns", "-type", "f"]).output
        return kernel + ["\(free ?? -1)", files]
    }
}
