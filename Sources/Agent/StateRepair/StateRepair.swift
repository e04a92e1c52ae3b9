// SPDX-License-Identifier: Apache-2.0
import Firewall
import Glibc
import Linux
import SystemPackage
import TaskNetworking
import VPC

/// The repair of a host whose database is damaged: from what the kernel has. It takes away what is tasknet's by its mark,
/// and puts the database aside, so that the next daemon starts empty.
package struct StateRepair: Sendable {
    private let configuration: AgentConfiguration
    private let stopsTasks: Bool
    private let tell: @Sendable (String) -> Void

    /// - Parameter tell: is given each thing that was found or done.
    package init(
        _ configuration: AgentConfiguration, stopsTasks: Bool, tell: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.stopsTasks = stopsTasks
        self.tell = tell
    }

    /// - Throws: `StateRepairRefusal`, before anything is changed; `StoreError` where a daemon has the state.
    package func run() async throws {
        let directory = configuration.stateDirectory
        let lock = try StateDirectoryLock(directory)
        guard case .damaged(_, let reason) = StateCondition(ofDirectory: directory, heldBy: lock) else {
            throw StateRepairRefusal.notDamaged(StateCondition(ofDirectory: directory, heldBy: lock))
        }
        tell("the database is damaged: \(reason)")
        let kernel = try TaskNetwork()
        let namespaces = try AbsolutePath(configuration.namespaceDirectory.string)
        try refuseSandboxes(try kernel.survey(namespaceDirectory: namespaces))
        try await endTasks()
        try remove(try kernel.survey(namespaceDirectory: namespaces), from: kernel)
        try putAside(directory)
        withExtendedLifetime(lock) {}
    }

    /// What is in namespaces of others' is theirs: they would be cut off.
    private func refuseSandboxes(_ survey: NetworkSurvey) throws {
        let tasks = Set(survey.namespaces.map(\.taskID))
        let sandboxed = survey.links.compactMap(\.mark).filter { mark in
            !tasks.contains(mark.taskID) && !ResourceID.isTaskID(mark.taskID)
        }
        for mark in sandboxed { tell("\(mark.networkInterfaceID ?? "an ENI") is in container \(mark.taskID)") }
        if !sandboxed.isEmpty, !stopsTasks { throw StateRepairRefusal.sandboxesRun(sandboxed.map(\.taskID)) }
    }

    /// Takes away links, routes, namespaces and tables.
    private func remove(_ survey: NetworkSurvey, from kernel: TaskNetwork) throws {
        let objects =
            survey.routes.map(OwnedObject.route) + survey.subnets.map(OwnedObject.subnet)
            + survey.namespaces.map(OwnedObject.namespace) + survey.links.map(OwnedObject.link)
        let result = kernel.remove(objects)
        if let error = result.errors.first { throw error }
        for object in objects { tell("removed \(object)") }
        try Firewall(host: kernel.hostNamespace, combinations: Combinations(linkGroups: [:])).removeAll()
        tell("removed the packet filter's tables tasknet")
    }

    /// Ends what runs in tasks, in order.
    private func endTasks() async throws {
        let leftovers = try RuntimeLeftovers(configuration)
        let processes = leftovers.runtime.sorted().compactMap { id in
            leftovers.pauseProcess(of: id).map { (id, $0) }
        }
        for (id, process) in processes { tell("task \(id) runs: its pause process is \(process.pid)") }
        if !processes.isEmpty, !stopsTasks { throw StateRepairRefusal.tasksRun(processes.map(\.0)) }
        await withDiscardingTaskGroup { group in
            for (_, process) in processes { group.addTask { await process.endPause() } }
        }
        for (id, process) in processes { tell("ended pause process \(process.pid) of task \(id)") }
        for id in leftovers.runtime.sorted() {
            try leftovers.removeRuntimeDirectory(of: id)
            tell("removed directory \(configuration.taskRuntimeDirectory(id))")
        }
    }

    /// Renames the database and the files that belong to it. Nothing is overwritten.
    private func putAside(_ directory: FilePath) throws {
        let suffix = "damaged-" + Self.time()
        for ending in ["", "-wal", "-shm"] {
            let name = "tasknet.db\(ending)"
            let old = directory.appending(name)
            let new = directory.appending("tasknet.db.\(suffix)\(ending)")
            // A second name and then not the first: unlike a rename it overwrites nothing.
            guard link(old.string, new.string) == 0, unlink(old.string) == 0 else {
                let errno = Errno(rawValue: errno)
                // SQLite takes these two away by itself.
                if errno == .noSuchFileOrDirectory, !ending.isEmpty { continue }
                throw LinuxError("rename \(old) to", new.string, errno)
            }
            tell("put \(old) aside as \(new)")
        }
    }

    /// "20250102T030405Z"
    private static func time() -> String {
        var now = Glibc.time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y%m%dT%H%M%SZ", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Why nothing was repaired.
package enum StateRepairRefusal: Error, CustomStringConvertible {
    case notDamaged(StateCondition)
    case tasksRun([String])
    case sandboxesRun([String])

    package var description: String {
        switch self {
        case .notDamaged(.fit):
            "the database is not damaged, and nothing was changed: start tasknetd, which puts the rest right at its start"
        case .notDamaged(let condition): "nothing was changed: \(condition)"
        case .tasksRun(let ids):
            "\(ids.count) task\(ids.count == 1 ? " runs" : "s run"), and nothing was changed: --stop-tasks ends them"
        case .sandboxesRun(let ids):
            """
            \(ids.count) ENI\(ids.count == 1 ? " is" : "s are") in other runtimes' containers, and nothing was changed: \
            end those first, or cut them off with --stop-tasks
            """
        }
    }
}
