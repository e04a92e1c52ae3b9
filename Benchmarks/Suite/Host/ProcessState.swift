// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// What the kernel tells about a process.
struct ProcessState: Sendable {
    /// In KiB: all that is resident, and of that what is its own and not of a file.
    let residentMemory: Int
    let ownMemory: Int
    let threads: Int
    /// How often each of its threads was let run: one that sleeps and is not woken adds nothing.
    private let switches: [String: Int]
    let processorTime: Duration

    init(_ pid: CInt) throws {
        let status = try Self.status("/proc/\(pid)/status")
        residentMemory = status["VmRSS"] ?? 0
        ownMemory = status["RssAnon"] ?? 0
        threads = status["Threads"] ?? 0
        processorTime = try ProcessorClock.of(pid)
        var switches: [String: Int] = [:]
        for thread in try DirectoryNames.read("/proc/\(pid)/task") {
            // It may have ended meanwhile.
            guard let status = try? Self.status("/proc/\(pid)/task/\(thread)/status") else { continue }
            switches[thread] = (status["voluntary_ctxt_switches"] ?? 0) + (status["nonvoluntary_ctxt_switches"] ?? 0)
        }
        self.switches = switches
    }

    /// How often its threads were let run since, those not counted that have ended: what they had before is not known any
    /// more.
    func wakeUps(since earlier: ProcessState) -> Int {
        switches.map { $0.value - (earlier.switches[$0.key] ?? 0) }.reduce(0, +)
    }

    /// The numbers in it.
    private static func status(_ path: String) throws -> [String: Int] {
        var result: [String: Int] = [:]
        for line in try TextFile.read(FilePath(path)).split(separator: "\n") {
            let fields = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            if fields.count > 1, let number = Int(fields[1]) { result[String(fields[0])] = number }
        }
        return result
    }

    /// Those with this program name.
    static func pids(named name: String) throws -> [CInt] {
        try DirectoryNames.read("/proc").compactMap { CInt($0) }.filter {
            (try? TextFile.read(FilePath("/proc/\($0)/comm"))) == name
        }
    }
}
