// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// What the daemon takes of the machine at a moment.
struct SoakSample: Sendable {
    let networks: Int
    let perSecond: Double
    /// Memory that is its own (`RssAnon`), in KiB; and all that is resident (`VmRSS`).
    let ownMemory: Int
    let residentMemory: Int
    let descriptors: Int
    let threads: Int
    /// The database and its write-ahead log, in KiB.
    let database: Int
    let log: Int
    /// Links, addresses, routes, rules, namespaces, elements of the packet filter.
    let kernelObjects: Int

    init(_ daemon: DaemonUnderTest, networks: Int, perSecond: Double) throws {
        self.networks = networks
        self.perSecond = perSecond
        guard let pid = daemon.pid else { throw TrialFailure("the daemon is gone") }
        let status = try TextFile.read(FilePath("/proc/\(pid)/status")).split(separator: "\n")
        func number(_ key: String) -> Int {
            let line = status.first { $0.hasPrefix("\(key):") }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? -1
        }
        ownMemory = number("RssAnon")
        residentMemory = number("VmRSS")
        threads = number("Threads")
        descriptors = try DirectoryNames.read("/proc/\(pid)/fd").count
        database = Self.size("\(daemon.host.stateDirectory)/tasknet.db")
        log = Self.size("\(daemon.host.stateDirectory)/tasknet.db-wal")
        kernelObjects = try HostSurvey(daemon.host).lines.count
    }

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) / 1024 : 0
    }
}
