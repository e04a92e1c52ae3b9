// SPDX-License-Identifier: Apache-2.0
import Netlink

/// What the daemon writes on links that are a task's, as their alias. The corresponding C constant is `IFLA_IFALIAS`.
///
/// "tasknet <task or container id> <eni id>" on the host's end of a veth, "tasknet <task id>" on the `lo` of a namespace that
/// the daemon made. The AWS plugins' aliases begin with their own names, or with "tasknet borrowed" and more words.
package struct TaskMark: Hashable, Sendable {
    package let taskID: String
    /// nil for a namespace's mark.
    package let networkInterfaceID: String?

    init(taskID: String, networkInterfaceID: String? = nil) {
        self.taskID = taskID
        self.networkInterfaceID = networkInterfaceID
    }

    /// Reads an alias; nil for what is not a task's.
    init?(_ alias: String?) {
        guard let alias, alias != LinkRequirement.releasedAlias else { return nil }
        let words = alias.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(words.count), words[0] == "tasknet", !words.contains("") else { return nil }
        self.init(taskID: words[1], networkInterfaceID: words.count == 3 ? words[2] : nil)
    }

    package var alias: String {
        (["tasknet", taskID] + [networkInterfaceID].compactMap(\.self)).joined(separator: " ")
    }
}
