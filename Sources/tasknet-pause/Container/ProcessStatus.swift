// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What /proc says about a process.
struct ProcessStatus {
    /// Clock ticks after boot: field 22 of /proc/PID/stat.
    let startTime: UInt64

    init?(_ pid: pid_t) {
        let content = try? procPath("", pid, "/stat").withCText { (path) throws(Failure) in try readFile(path) }
        // The command's name is in parentheses, and may have some of its own.
        guard let content, let name = content.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = content[(name + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let startTime = parseNumber(fields[19]) else { return nil }
        self.startTime = startTime
    }

    /// The pid behind a pidfd, in the namespace of our /proc. Nil when the process was reaped already.
    static func pid(of descriptor: Int32) -> pid_t? {
        let path = procPath("self/fdinfo/", descriptor, "")
        let content = try? path.withCText { (path) throws(Failure) in try readFile(path) }
        guard let content else { return nil }
        for line in content.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Pid:".utf8) {
            return parseNumber(line.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
                .flatMap { pid_t(exactly: $0) }.flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }
}
