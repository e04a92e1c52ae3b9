// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linux
import TestSupport
import Testing

/// The scripts, where they end before they do anything.
@Suite("Scripts", .requiresRoot)
struct ScriptTests {
    /// What each of them is called with, so that it comes as far as asking for a toolchain.
    static let calls = [["scripts/demo"], ["scripts/test"], ["scripts/install", "--destdir", "/nowhere"], [".ci/run"]]

    private var tree: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    /// Calls a script with a `swift` ahead of the machine's in the PATH.
    private func attempt(_ call: [String], swift: String, environment: [String] = []) throws -> ProgramOutput {
        let directory = FileManager.default.temporaryDirectory.appending(path: "scripts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let stub = directory.appending(path: "swift").path
        try Data("#!/bin/sh\n\(swift)\n".utf8).write(to: URL(filePath: stub))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stub)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        let script = [tree.appending(path: call[0]).path] + call.dropFirst()
        return try TestSupport.attempt(["env", "PATH=\(directory.path):\(path)"] + environment + script)
    }

    @Test("A toolchain that does not start is told, with its own words", arguments: calls)
    func brokenToolchain(call: [String]) throws {
        let result = try attempt(call, swift: "echo 'swift: libncurses.so.6 is missing' >&2\nexit 127")
        #expect(result.status == .exited(69))
        #expect(result.errors.contains("/swift does not run: swift: libncurses.so.6 is missing (exit status 127)"))
    }

    @Test("A toolchain that is no Swift, or too old a one, is told")
    func otherToolchain() throws {
        let other = try attempt(["scripts/test"], swift: "echo OpenStack Swift")
        #expect(other.status == .exited(69))
        #expect(other.errors.contains("/swift does not tell its version: OpenStack Swift"))
        let old = try attempt(["scripts/test"], swift: "echo Swift version 5.10.1")
        #expect(old.status == .exited(69))
        #expect(old.errors.contains("is Swift 5.10.1; 6.1 or newer is needed"))
    }

    @Test("A caller of sudo that nobody knows any more does not end a script silently")
    func unknownCaller() throws {
        let result = try attempt(
            ["scripts/test"], swift: "echo broken\nexit 1", environment: ["SUDO_USER=tasknet-nobody"])
        #expect(result.status == .exited(69))
        #expect(result.errors.contains("/swift does not run: broken"))
    }

    @Test("--purge is for --uninstall: without it nothing is installed")
    func purgeAlone() throws {
        let result = try attempt(
            ["scripts/install", "--purge", "--built", "/nowhere", "--destdir", "/nowhere"], swift: "exit 1")
        #expect(result.status == .exited(64))
        #expect(result.errors.contains("--purge is for --uninstall"))
    }
}
