// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage

/// How a container's main process runs, so that a command beside it runs the same way.
struct ProcessSurroundings: Equatable {
    var identity: EnteredProgram.Identity
    /// "NAME=value", as it was started with.
    var environment: [String]
    var workingDirectory: String

    /// Reads `/proc` about a process; needs to be root.
    init(of pid: CInt) throws(LinuxError) {
        let status = try TextFile.read(FilePath("/proc/\(pid)/status"))
        guard let identity = Self.identity(status) else {
            throw LinuxError("read", "/proc/\(pid)/status", .badMessage)
        }
        self.identity = identity
        let path = FilePath("/proc/\(pid)/environ")
        let bytes = try OwnedDescriptor.open(path, O_RDONLY, operation: "read")
            .readToEnd(of: path.string, limit: 16 << 20)
        environment = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        workingDirectory = Self.workingDirectory(of: pid)
    }

    /// User, groups and capabilities out of the text of `/proc/PID/status`.
    static func identity(_ status: String) -> EnteredProgram.Identity? {
        var fields: [Substring: [Substring]] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[parts[0]] = parts[1].split(whereSeparator: { $0 == "\t" || $0 == " " })
        }
        // Real, effective, saved, file system.
        guard let user = fields["Uid"]?.dropFirst().first.flatMap({ UInt32($0) }),
            let group = fields["Gid"]?.dropFirst().first.flatMap({ UInt32($0) }),
            let capabilities = fields["CapBnd"]?.first.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        return EnteredProgram.Identity(
            user: user, group: group, groups: (fields["Groups"] ?? []).compactMap { UInt32($0) },
            capabilities: capabilities, noNewPrivileges: fields["NoNewPrivs"]?.first == "1")
    }

    /// As seen from the process's own root.
    private static func workingDirectory(of pid: CInt) -> String {
        let path = try? SymbolicLink.target(of: FilePath("/proc/\(pid)/cwd")).string
        return path.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/"
    }
}
