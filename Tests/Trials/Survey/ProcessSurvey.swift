// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// The processes of the trial's host, zombies left out: the host's first process is about to reap them.
struct ProcessSurvey: Sendable {
    struct Process: Hashable, Sendable {
        let pid: CInt
        let parent: CInt
        let name: String
        let arguments: String
    }

    let processes: [Process]

    init() throws {
        processes = try DirectoryNames.read("/proc").compactMap { CInt($0) }.compactMap(Self.process)
    }

    private static func process(_ pid: CInt) -> Process? {
        guard let text = try? TextFile.read(FilePath("/proc/\(pid)/stat")), let open = text.firstIndex(of: "("),
            let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 1, !["Z", "X"].contains(fields[0]), let parent = CInt(fields[1]) else { return nil }
        let arguments = (try? TextFile.read(FilePath("/proc/\(pid)/cmdline"))) ?? ""
        return Process(
            pid: pid, parent: parent, name: String(text[text.index(after: open)..<close]),
            arguments: arguments.split(separator: "\0").joined(separator: " "))
    }

    /// The tasks' pause processes, by the tasks' ids. Its own children, which are forks of it before they are containers, are
    /// not among them.
    var pauses: [String: [CInt]] {
        var result: [String: [CInt]] = [:]
        let pauses = processes.filter { $0.name == "tasknet-pause" }
        let pids = Set(pauses.map(\.pid))
        for pause in pauses where !pids.contains(pause.parent) {
            result[Self.task(of: pause) ?? "?", default: []].append(pause.pid)
        }
        return result
    }

    private static func task(of pause: Process) -> String? {
        // Its socket is "/run/tasknet/tasks/<id>/pause.sock".
        let parts = pause.arguments.split(whereSeparator: { $0 == "/" || $0 == " " })
        return parts.firstIndex(of: "tasks").flatMap { $0 + 1 < parts.count ? String(parts[$0 + 1]) : nil }
    }

    /// Those that a process has started, and theirs.
    func descendants(of pid: CInt) -> [Process] {
        let children = processes.filter { $0.parent == pid }
        return children + children.flatMap { descendants(of: $0.pid) }
    }

    /// Those that are neither the trial, nor what it runs in, nor the daemon, nor a task's.
    func strangers(daemon: CInt?) -> [Process] {
        var known: Set<CInt> = [1, getpid(), getppid()]
        if let daemon { known.insert(daemon) }
        for pid in pauses.values.joined() {
            known.insert(pid)
            known.formUnion(descendants(of: pid).map(\.pid))
        }
        return processes.filter { !known.contains($0.pid) }
    }
}
