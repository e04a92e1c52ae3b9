// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What the tests of faults share.
extension Machine {
    /// A definition of a task that does nothing, for so many seconds, by which its process is found.
    static func sleeper(_ family: String, seconds: Int, restOfContainer: String = "") -> String {
        """
        {"family": "\(family)", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 2,
           "command": ["sleep", "\(seconds)"]\(restOfContainer)}]}
        """
    }

    /// A RunTask of a family that is registered already, refused or not.
    func tryToRun(_ family: String) throws -> APIAnswer {
        try call(
            "RunTask",
            """
            {"taskDefinition": "\(family)",
             "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
            """)
    }

    // MARK: - The daemon

    /// What the daemon has said so far.
    func daemonLog() throws -> String { try String(contentsOfFile: logPath.string, encoding: .utf8) }

    func waitForLog(_ text: String) async throws {
        try await wait("the daemon has said: \(text)") { try daemonLog().contains(text) }
    }

    /// As it is known on the machine.
    func daemonPID() throws -> String {
        try run(["pgrep", "-x", "tasknetd"]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How many addresses of the default subnet are free.
    func freeAddresses() throws -> Int {
        try #require(
            try ask("ListSubnets", service: "TaskNetwork")["subnets"][0]["availableIpAddressCount"].integer)
    }

    /// What nobody but the daemon has changed, and so must be as it was after everything that was made is gone.
    func kernelState() throws -> [String] {
        try ["link", "address", "route", "neigh", "rule", "netns"].map { object in
            try run(["ip", "-o", object]).split(separator: "\n").sorted().joined(separator: "\n")
        }
    }

    // MARK: - CNI

    /// Calls the plugin as a runtime does, for a container with a namespace of the same name.
    func plugin(_ command: String, _ container: String) throws -> ProgramOutput {
        let directory = host.directory.appending("plugins").string
        let script = """
            mkdir -p \(directory) && ln -sf \(try BuiltProduct.path("tasknet-cni")) \(directory)/tasknet
            CNI_COMMAND=\(command) CNI_CONTAINERID=\(container) CNI_NETNS=/run/netns/\(container) CNI_IFNAME=eth0 \
            CNI_PATH=\(directory) exec \(directory)/tasknet <<END
            {"cniVersion":"1.1.0","name":"vpc","type":"tasknet","prevResult":{"dns":{}}}
            END
            """
        return try attempt(["bash", "-c", script])
    }
}

/// The state directory as a file system of its own, which can be full.
extension Machine {
    private var ballast: String { stateDirectory.appending("ballast").string }

    /// What there is to do before the daemon starts.
    static func mountState(of machine: Machine) throws {
        let directory = machine.stateDirectory.string
        try machine.run(["mkdir", "-p", directory])
        try machine.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", directory])
    }

    /// Leaves no room at all.
    func fillState() throws {
        let filled = try attempt(["dd", "if=/dev/zero", "of=\(ballast)", "bs=4k"])
        #expect(filled.errors.contains("No space left"), "\(filled.errors)")
    }

    func makeRoomInState() throws { try run(["rm", ballast]) }
}
