// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// Processor time of the plugins' processes and of the daemon. What the kernel does in the background is nobody's and not
/// in it.
struct ProcessorClock: Sendable {
    let daemon: CInt

    struct Measured: Sendable {
        let done: Int
        let took: Duration
        let processorTime: Duration
    }

    func measure(_ body: () throws -> Workers.Result) throws -> Measured {
        let before = try Self.ofChildren() + Self.of(daemon)
        let result = try body()
        let after = try Self.ofChildren() + Self.of(daemon)
        return Measured(done: result.done, took: result.took, processorTime: after - before)
    }

    /// Of those that have been reaped, and of theirs.
    private static func ofChildren() -> Duration {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return duration(usage.ru_utime) + duration(usage.ru_stime)
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }

    /// Of a process with all its threads, in steps of a tick.
    static func of(_ pid: CInt) throws -> Duration {
        let fields = try TextFile.read(FilePath("/proc/\(pid)/stat")).split(separator: ")").last?.split(separator: " ")
        guard let fields, fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
            throw BenchFailure("/proc/\(pid)/stat cannot be read")
        }
        return .seconds(user + system) / sysconf(CInt(_SC_CLK_TCK))
    }
}
