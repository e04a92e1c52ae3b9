// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct NetworkNamespaceTests {
    /// The lines of proc_pid_mountinfo(5) about mounts at exactly this path, in words.
    private func mounts(at path: FilePath) throws -> [[Substring]] {
        try TextFile.read("/proc/self/mountinfo").split(separator: "\n").map { $0.split(separator: " ") }
            .filter { $0.count > 6 && $0[4] == path.string }
    }

    @Test func createdNamespaceIsOneThatIPCanUse() throws {
        try TestHost.with { host in
            let namespace = try host.makeNamespace("task")
            #expect(try NetworkNamespace(path: host.namespacePath("task")).identity == namespace.identity)
            #expect(try NetworkNamespace.current() != namespace)
            let links = try runJSON(["ip", "-j", "link"], in: namespace)
            #expect(links[0]["ifname"].text == "lo")
            // By name, as `ip netns exec` and a runtime do it: through nsenter, which knows nothing of ours.
            let byPath = try run(["nsenter", "--net=\(host.namespacePath("task"))", "readlink", "/proc/self/ns/net"])
            #expect(byPath.output == "net:[\(namespace.identity.inode)]\n")
        }
    }

    @Test func directoryBecomesOneSharedMountPoint() throws {
        try TestHost.with { host in
            _ = try host.makeNamespace("one")
            _ = try host.makeNamespace("two")
            let directory = host.namespacePath("one").removingLastComponent()
            let mounted = try mounts(at: directory)
            #expect(mounted.count == 1)
            #expect(mounted.first?.contains { $0.hasPrefix("shared:") } == true)
        }
    }

    /// An inode's number may be the next one's at once.
    @Test func noTwoNamespacesHaveOneCookie() throws {
        var cookies: Set<UInt64> = []
        for _ in 0..<20 {
            let namespace = try NetworkNamespace.create()
            guard let cookie = try namespace.cookie() else { return }
            #expect(try namespace.cookie() == cookie)
            #expect(cookies.insert(cookie).inserted)
        }
    }

    @Test func enterComesBackAlsoAfterAnError() throws {
        struct Surprise: Error {}
        let home = try NetworkNamespace.current()
        let other = try NetworkNamespace.create()
        #expect(try other.enter { try NetworkNamespace.current() } == other)
        #expect(throws: Surprise.self) { try other.enter { throw Surprise() } }
        #expect(try NetworkNamespace.current() == home)
        let third = try NetworkNamespace.create()
        let seen = try other.enter { try (third.enter { try NetworkNamespace.current() }, NetworkNamespace.current()) }
        #expect(seen.0 == third)
        #expect(seen.1 == other)
        #expect(try NetworkNamespace.current() == home)
    }

    /// In another process, which is this program with this test alone. Not by an exit test of Swift Testing's: that waits
    /// for ever where another test has a child that ended and is not reaped yet.
    @Test func aThreadThatCannotComeBackEndsTheProcess() throws {
        let mark = "TASKNET_TEST_LOSES_ITS_WAY"
        if ProcessInfo.processInfo.environment[mark] != nil {
            // With root's capabilities goes the one that the way back needs.
            return try NetworkNamespace.create().enter { _ = seteuid(65_534) }
        }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let result = try attempt([
            "env", "\(mark)=1", program, "--testing-library", "swift-testing", "--filter",
            "aThreadThatCannotComeBackEndsTheProcess",
        ])
        #expect(result.status == .signaled(SIGABRT), "\(result.output)")
        #expect(
            result.errors.contains(
                """
                tasknet: cannot leave a network namespace: Operation not permitted. \
                Ending, not to work in the wrong one.
                """), "\(result.errors)")
    }

    @Test func creatingFromManyTasksKeepsEveryThreadAtHome() async throws {
        try await TestHost.with { host in
            let home = try NetworkNamespace.current()
            let identities = try await withThrowingTaskGroup(of: NetworkNamespace.Identity.self) { group in
                for number in 0..<32 {
                    group.addTask {
                        let namespace = try host.makeNamespace("task\(number)")
                        #expect(try NetworkNamespace.current() == home)
                        return namespace.identity
                    }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(identities.count == 32)
            #expect(try NetworkNamespace.current() == home)
        }
    }

    @Test func anExistingPathIsRefusedAndLeftAlone() throws {
        try TestHost.with { host in
            let first = try host.makeNamespace("task")
            let error = #expect(throws: LinuxError.self) { try host.makeNamespace("task") }
            #expect(error?.errno == .fileExists)
            #expect(
                error?.description == "create network namespace \(host.namespacePath("task")): "
                    + "there is something at this path already (EEXIST)")
            #expect(try NetworkNamespace(path: host.namespacePath("task")) == first)

            let link = host.namespacePath("link")
            #expect(symlink("/etc/hostname", link.string) == 0)
            #expect(throws: LinuxError.self) { try NetworkNamespace.create(at: link) }
            let dangling = host.namespacePath("dangling")
            let target = host.directory.appending("not-made")
            #expect(symlink(target.string, dangling.string) == 0)
            #expect(throws: LinuxError.self) { try NetworkNamespace.create(at: dangling) }
            #expect(!FileManager.default.fileExists(atPath: target.string))
        }
    }

    @Test func aRefusalMountsNothing() throws {
        try TestHost.with { host in
            let directory = host.directory.appending("plain")
            #expect(mkdir(directory.string, 0o755) == 0)
            let path = directory.appending("taken")
            #expect(FileManager.default.createFile(atPath: path.string, contents: nil))
            #expect(throws: LinuxError.self) { try NetworkNamespace.create(at: path) }
            let mounted = try mounts(at: directory)
            #expect(mounted.isEmpty)
            let deep = host.directory.appending("no/such/directory")
            #expect(throws: LinuxError.self) { try NetworkNamespace.create(at: deep) }
        }
    }

    @Test func removeIsDoneOnceAndThenSucceeds() throws {
        try TestHost.with { host in
            let path = host.namespacePath("task")
            _ = try host.makeNamespace("task")
            try NetworkNamespace.remove(at: path)
            #expect(access(path.string, F_OK) != 0)
            try NetworkNamespace.remove(at: path)
            try NetworkNamespace.remove(at: host.directory.appending("no/such/directory"))

            // A crash between making the file and binding the namespace leaves an empty file.
            #expect(FileManager.default.createFile(atPath: path.string, contents: nil))
            try NetworkNamespace.remove(at: path)
            #expect(access(path.string, F_OK) != 0)

            // Bound twice over each other.
            let namespace = try host.makeNamespace("task")
            try namespace.withRawDescriptor { try Mount.bind(FilePath("/proc/self/fd/\($0)"), at: path) }
            try NetworkNamespace.remove(at: path)
            #expect(access(path.string, F_OK) != 0)
        }
    }

    @Test func removeTouchesNothingElse() throws {
        try TestHost.with { host in
            let file = host.directory.appending("precious")
            #expect(FileManager.default.createFile(atPath: file.string, contents: Data("text".utf8)))
            let directory = host.directory.appending("directory")
            #expect(mkdir(directory.string, 0o755) == 0)
            try Mount.bind(directory, at: directory)
            let link = host.directory.appending("link")
            #expect(symlink(host.namespacePath("host").string, link.string) == 0)
            for path in [file, directory, link] {
                let error = #expect(throws: LinuxError.self) { try NetworkNamespace.remove(at: path) }
                #expect(error?.description == "remove network namespace \(path): not a namespace file (EINVAL)")
            }
            #expect(try TextFile.read(file) == "text")
            #expect(try mounts(at: directory).count == 1)
            #expect(try NetworkNamespace(path: link) == host.namespace)
        }
    }

    @Test func anonymousNamespaceGoesWithItsObject() throws {
        var namespace: NetworkNamespace? = try .create()
        let link = "net:[\(namespace?.identity.inode ?? 0)]"
        // Its own number alone: the inode may soon be that of another test's namespace.
        let number = namespace?.withRawDescriptor { $0 } ?? -1
        func isHeld() -> Bool {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == link
        }
        #expect(isHeld())
        namespace = nil
        #expect(!isHeld())
    }
}

struct NetworkNamespacePathTests {
    @Test func ownNamespaceByEveryName() throws {
        let current = try NetworkNamespace.current()
        #expect(try NetworkNamespace(pid: getpid()) == current)
        #expect(try NetworkNamespace(path: "/proc/self/ns/net") == current)
        #expect(Set([current, try NetworkNamespace(pid: getpid())]).count == 1)
    }

    @Test(arguments: [
        ("/proc/self/ns/mnt", "this is a mount namespace, not a network namespace (EINVAL)"),
        ("/proc/self/ns/uts", "this is a uts namespace, not a network namespace (EINVAL)"),
        ("/etc/hostname", "not a namespace file (EINVAL)"),
        ("/dev/null", "not a namespace file (EINVAL)"),
        ("/", "not a namespace file (EINVAL)"),
        ("/run/netns/tasknet-no-such", "No such file or directory (ENOENT)"),
        ("", "No such file or directory (ENOENT)"),
    ])
    func whatIsNoNetworkNamespaceIsRefused(path: String, reason: String) {
        let error = #expect(throws: LinuxError.self) { try NetworkNamespace(path: FilePath(path)) }
        #expect(error?.description == "open network namespace \(path): \(reason)")
    }

    @Test func aPipeIsRefusedWithoutWaitingForItsOtherEnd() throws {
        let path = "/tmp/tasknet-fifo.\(UUID())"
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(throws: LinuxError.self) { try NetworkNamespace(path: FilePath(path)) }
    }

    @Test(arguments: ["relative", "/", ""])
    func createWantsAnAbsolutePath(path: String) {
        let error = #expect(throws: LinuxError.self) { try NetworkNamespace.create(at: FilePath(path)) }
        #expect(error?.errno == .invalidArgument)
    }
}
