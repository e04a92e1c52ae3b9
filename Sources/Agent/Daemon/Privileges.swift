// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage

/// What the kernel must let the daemon do.
package enum Privileges {
    package struct Missing: Error, Equatable, CustomStringConvertible {
        package var capabilities: [String]
        package var isRoot: Bool

        package var description: String {
            let names = capabilities.joined(separator: ", ")
            return isRoot
                ? "this process lacks \(names); add them to the CapabilityBoundingSet= of the unit, or of the container"
                : "tasknetd must run as root (it needs \(names)); start it with systemctl start tasknetd, or with sudo"
        }
    }

    /// By their numbers in linux/capability.h.
    private static let needed: [(name: String, bit: Int)] = [
        ("CAP_CHOWN", 0), ("CAP_DAC_OVERRIDE", 1), ("CAP_KILL", 5), ("CAP_SETGID", 6), ("CAP_SETUID", 7),
        ("CAP_NET_ADMIN", 12), ("CAP_SYS_CHROOT", 18), ("CAP_SYS_PTRACE", 19), ("CAP_SYS_ADMIN", 21),
    ]

    /// - Throws: `Missing`, with all that is.
    package static func check() throws {
        try check(status: TextFile.read("/proc/self/status"))
    }

    /// - Parameter status: the text of `/proc/<pid>/status`.
    static func check(status: String) throws(Missing) {
        let effective = field("CapEff", of: status).flatMap { UInt64($0, radix: 16) } ?? 0
        let missing = needed.filter { effective & (1 << UInt64($0.bit)) == 0 }.map(\.name)
        guard !missing.isEmpty else { return }
        let userIDs = field("Uid", of: status)?.split(whereSeparator: \.isWhitespace) ?? []
        throw Missing(capabilities: missing, isRoot: userIDs.dropFirst().first == "0")
    }

    private static func field(_ name: String, of status: String) -> String? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line.map { line in
            String(line.dropFirst(name.count + 1).drop(while: \.isWhitespace))
        }
    }
}
