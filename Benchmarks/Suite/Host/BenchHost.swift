// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Linux
import SystemPackage

/// The host that the benchmark has to itself, and where its files and programs are.
struct BenchHost: Sendable {
    /// Of the benchmark's own, empty before and after.
    let directory: FilePath
    /// tasknet's, as they were built.
    let programs: FilePath
    /// The C programs, as they were compiled.
    let floorPrograms: FilePath

    static let namespaceDirectory: FilePath = "/run/netns"

    /// - Throws: where this is the machine itself, whose networks would get in the way.
    init() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let floorPrograms = environment["TASKNET_BENCH_FLOOR"], let scratch = environment["TMPDIR"],
            try DirectoryNames.read("/sys/class/net").allSatisfy({ $0 == "lo" }),
            try DirectoryNames.read(Self.namespaceDirectory.string).isEmpty
        else { throw BenchFailure("this is not a host of the benchmark's own: start it by scripts/bench") }
        directory = FilePath(scratch).appending("bench")
        self.floorPrograms = FilePath(floorPrograms)
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        programs = FilePath(own).removingLastComponent()
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        // Each network in the making has some descriptors.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// A directory below the host's, which is made.
    func directory(_ name: String) throws -> FilePath {
        let path = directory.appending(name)
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        return path
    }

    /// The same, with nothing in it.
    func emptyDirectory(_ name: String) throws -> FilePath {
        try? FileManager.default.removeItem(atPath: directory.appending(name).string)
        return try directory(name)
    }

    /// A directory of plugins in which `names` lead to a program.
    func plugins(_ program: FilePath, as names: [String], in name: String) throws -> FilePath {
        let path = try directory(name)
        for name in names {
            unlink(path.appending(name).string)
            guard symlink(program.string, path.appending(name).string) == 0 else {
                throw BenchFailure("cannot link \(path.appending(name)): \(Errno(rawValue: errno))")
            }
        }
        return path
    }

    func write(_ text: String, to name: String) throws -> FilePath {
        let path = directory.appending(name)
        try Data(text.utf8).write(to: URL(filePath: path.string))
        return path
    }

    /// The daemon's, in memory, as it is where the daemon is installed.
    static let runtimeDirectory: FilePath = "/run/tasknet-bench"

    func remove() {
        sweep()
        try? FileManager.default.removeItem(atPath: Self.runtimeDirectory.string)
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// Removes what a failure has left: containers, namespaces. All of it is in this host, which nobody else is in.
    func sweep() {
        let names = ["tasknet-pause", "tasknet-init", "packets", "iperf3"]
        for pid in names.flatMap({ (try? ProcessState.pids(named: $0)) ?? [] }) { kill(pid, SIGKILL) }
        for name in (try? DirectoryNames.read(Self.namespaceDirectory.string)) ?? [] {
            try? NetworkNamespace.remove(at: Self.namespaceDirectory.appending(name))
        }
    }
}
