// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport

/// What /proc says.
struct ProcessTable: Hashable {
    let pid: CInt
    let name: String
    let state: Character
    let parent: CInt
    let session: CInt
    /// Inode of its network namespace.
    let network: UInt64?

    static func entry(_ pid: CInt) -> ProcessTable {
        let text = (try? TextFile.read(FilePath("/proc/\(pid)/stat"))) ?? ""
        let name = text.firstIndex(of: "(").flatMap { first in
            text.lastIndex(of: ")").map { text[text.index(after: first)..<$0] }
        }
        let fields = text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(separator: " ") } ?? []
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")
        return ProcessTable(
            pid: pid, name: name.map(String.init) ?? "", state: fields.first?.first ?? "X",
            parent: fields.count > 3 ? CInt(fields[1]) ?? 0 : 0, session: fields.count > 3 ? CInt(fields[3]) ?? 0 : 0,
            network: link.flatMap { UInt64($0.filter(\.isNumber)) })
    }

    static func all() -> [ProcessTable] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { CInt($0) }.map(entry)
    }
}

extension PausedTask {
    /// Inode of the task's network namespace, by which its processes are known.
    var network: UInt64? {
        var status = stat()
        return stat(host.namespacePath(name).string, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
