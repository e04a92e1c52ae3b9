// SPDX-License-Identifier: Apache-2.0

import ControlClient
import JSON
import VPC

/// What is on the host that looks like a task's or a sandbox's, compared with those that there are. Values only.
struct Leftovers {
    static let area = "leftovers"

    /// A link that carries tasknet's name or alias.
    struct MarkedLink: Equatable {
        var name: String
        var alias: String?
        var index: Int32

        static let namePrefix = "tn-"

        /// The task, or a sandbox's container, in "tasknet <task id> <eni id>".
        var taskID: String? { words.map { String($0[1]) } }

        var networkInterfaceID: String? { words.map { String($0[2]) } }

        private var words: [Substring]? {
            let words = (alias ?? "").split(separator: " ")
            return words.count == 3 && words[0] == "tasknet" ? words : nil
        }

        /// The host's end of a pair whose task is gone; the kernel takes it with the namespace.
        var isReleased: Bool { alias == "tasknet released" }

        /// The host's end of a pair that the daemon has ready for a task, which goes with the daemon.
        var isReady: Bool { alias == "tasknet ready for any task" }
    }

    /// A route that carries tasknet's protocol number.
    struct MarkedRoute: Equatable {
        /// As ip(8) writes it, without the link.
        var text: String
        var linkName: String?
        var isIPv6: Bool
        /// "10.64.1.0/24" of a route that answers for what nobody has in a subnet.
        var unreachableBlock: String?
    }

    /// An entry below the namespaces' directory.
    struct NamespaceFile: Equatable {
        var name: String
        /// Whether a namespace is bound at it.
        var isBound: Bool
    }

    /// An entry below the tasks' directories.
    struct TaskDirectory: Equatable {
        var name: String
        var path: String
        /// The pid of a pause process that answers there.
        var pausePID: Int32?
    }

    var links: [MarkedLink] = []
    var routes: [MarkedRoute] = []
    var namespaces: [NamespaceFile] = []
    var directories: [TaskDirectory] = []
    var namespaceDirectory = "/run/netns"

    /// - Parameters:
    ///   - live: ids of the tasks that have not stopped.
    ///   - sandboxed: ids of the ENIs in sandboxes.
    ///   - known: ids of all tasks that the daemon remembers.
    ///   - blocks: of the daemon's subnets.
    func findings(
        live: Set<String>, sandboxed: Set<String> = [], known: Set<String>, blocks: Set<String>
    ) -> [Finding] {
        let owned = ownedLinks(live: live, sandboxed: sandboxed)
        let findings =
            linkFindings(owned: Set(owned.map(\.index))) + routeFindings(owned: Set(owned.map(\.name)), blocks)
            + namespaceFindings(live) + directoryFindings(live, known)
        return findings.isEmpty ? [Finding(Self.area, .ok, "none: links, routes, namespaces, directories")] : findings
    }

    /// The links of tasks that have not stopped, and of sandboxes.
    func ownedLinks(live: Set<String>, sandboxed: Set<String>) -> [MarkedLink] {
        links.filter { link in
            link.taskID.map(live.contains) ?? false || link.networkInterfaceID.map(sandboxed.contains) ?? false
        }
    }

    /// What there is, where the daemon does not say which tasks there are.
    var unjudgedFindings: [Finding] {
        let bound = namespaces.filter { Self.isTaskID($0.name) }
        let counts = [
            Self.count(links.count, "link", "links"), Self.count(routes.count, "route", "routes"),
            Self.count(bound.count, "namespace", "namespaces"),
            Self.count(directories.count, "directory", "directories"),
        ].compactMap(\.self)
        if counts.isEmpty { return [Finding(Self.area, .ok, "none: links, routes, namespaces, directories")] }
        return [
            Finding(
                Self.area, .unknown,
                "\(counts.joined(separator: ", ")): whether tasks own them can be told when tasknetd answers")
        ]
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String? {
        number == 0 ? nil : "\(number) \(number == 1 ? one : many)"
    }

    private func linkFindings(owned: Set<Int32>) -> [Finding] {
        links.compactMap { link in
            let name = EscapedText.of(link.name)
            if link.isReleased {
                return Finding(
                    Self.area, .note,
                    "link \(name) waits for a namespace of a stopped task to be let go by whoever holds it",
                    mend: "ip link delete \(name) removes it at once")
            }
            if link.isReady || owned.contains(link.index) { return nil }
            let owner =
                link.taskID.map { id in
                    let name = EscapedText.of(String(id.prefix(32)))
                    return Self.isTaskID(id)
                        ? "task \(name), which does not run" : "container \(name), which tasknetd does not know"
                } ?? "no task"
            return Finding(Self.area, .problem, "link \(name) belongs to \(owner)", mend: "ip link delete \(name)")
        }
    }

    private func routeFindings(owned: Set<String>, _ blocks: Set<String>) -> [Finding] {
        routes.compactMap { route in
            if let link = route.linkName, owned.contains(link) { return nil }
            if let block = route.unreachableBlock, blocks.contains(block) { return nil }
            let text = route.text + (route.linkName.map { " dev \(EscapedText.of($0))" } ?? "")
            return Finding(
                Self.area, .problem, "route \(text) is tasknet's and belongs to no task and no subnet",
                mend: "ip \(route.isIPv6 ? "-6 " : "")route delete \(text)")
        }
    }

    private func namespaceFindings(_ live: Set<String>) -> [Finding] {
        namespaces.filter { Self.isTaskID($0.name) && !live.contains($0.name) }.map { file in
            let path = "\(namespaceDirectory)/\(file.name)"
            return file.isBound
                ? Finding(
                    Self.area, .problem, "namespace \(path) belongs to no task that runs",
                    mend: namespaceDirectory == "/run/netns"
                        ? "ip netns delete \(file.name)" : "umount \(path) && rm \(path)")
                : Finding(
                    Self.area, .problem, "\(path) is named like a task's namespace and is none", mend: "rm \(path)")
        }
    }

    private func directoryFindings(_ live: Set<String>, _ known: Set<String>) -> [Finding] {
        directories.compactMap { directory in
            let path = EscapedText.of(directory.path)
            if let pid = directory.pausePID, !live.contains(directory.name) {
                return Finding(
                    Self.area, .problem, "process \(pid) is the pause process of a task that does not run (\(path))",
                    mend: "kill \(pid): it ends the task's containers and goes")
            }
            if known.contains(directory.name) { return nil }
            return Finding(Self.area, .problem, "directory \(path) belongs to no known task", mend: "rm -r \(path)")
        }
    }

    static func isTaskID(_ name: String) -> Bool { ResourceID.isTaskID(name) }
}
