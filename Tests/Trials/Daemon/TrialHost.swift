// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage

/// The host that the trial has to itself: where the daemon's files are, and what it is configured with.
struct TrialHost: Sendable {
    /// Of the trial's own, gone afterwards.
    let directory: FilePath
    /// With the programs as they were built.
    let programs: FilePath

    var stateDirectory: FilePath { directory.appending("state") }
    var configurationPath: FilePath { directory.appending("tasknet.yaml") }
    var logPath: FilePath { directory.appending("tasknetd.log") }
    var pluginDirectory: FilePath { directory.appending("cni") }
    var runtimeDirectory: FilePath { "/run/tasknet" }
    var namespaceDirectory: FilePath { "/run/netns" }
    var socketPath: String { "/run/tasknet/tasknet.sock" }

    struct TrialSubnet: Sendable {
        let id: String
        let block: String
        let block6: String
    }

    static let subnets = [
        TrialSubnet(id: "subnet-0a400100180000001", block: "10.64.1.0/24", block6: "fd00:64:0:1::/64"),
        TrialSubnet(id: "subnet-0a400200180000002", block: "10.64.2.0/26", block6: "fd00:64:0:2::/64"),
    ]
    /// Comes and goes with reloads, and nothing is ever in it.
    static let passingSubnet = TrialSubnet(
        id: "subnet-0a400300180000003", block: "10.64.3.0/24", block6: "fd00:64:0:3::/64")

    /// - Throws: where this is the machine itself, where other daemons' files may be.
    init(directory: FilePath, programs: FilePath) throws {
        self.directory = directory
        self.programs = programs
        guard access("/run/tasknet", F_OK) != 0, try DirectoryNames.read("/run/netns").isEmpty else {
            throw TrialFailure("this is not a host of the trial's own: start it by scripts/crash-test or scripts/soak")
        }
        try Self.makeImage(at: directory.appending("images/busybox"))
        try FileManager.default.createDirectory(
            atPath: pluginDirectory.string, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: pluginDirectory.appending("tasknet").string,
            withDestinationPath: programs.appending("tasknet-cni").string)
    }

    /// A root file system with a static busybox.
    private static func makeImage(at root: FilePath) throws {
        for name in ["bin", "etc", "proc", "sys", "dev", "tmp"] {
            try FileManager.default.createDirectory(
                atPath: root.appending(name).string, withIntermediateDirectories: true)
        }
        let busybox = ProcessInfo.processInfo.environment["TASKNET_BUSYBOX"] ?? "/bin/busybox"
        try FileManager.default.copyItem(atPath: busybox, toPath: root.appending("bin/busybox").string)
        for name in ["sh", "sleep", "true", "false"] {
            try FileManager.default.createSymbolicLink(
                atPath: root.appending("bin/\(name)").string, withDestinationPath: "busybox")
        }
        try write("root:x:0:0:root:/:/bin/sh\n", to: root.appending("etc/passwd"))
        try write("root:x:0:\n", to: root.appending("etc/group"))
    }

    static func write(_ text: String, to path: FilePath) throws {
        try text.write(toFile: path.string, atomically: true, encoding: .utf8)
    }
}

/// The trial itself cannot go on.
struct TrialFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
