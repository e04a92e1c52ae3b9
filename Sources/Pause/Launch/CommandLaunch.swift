// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A process in a container: the container's main process, or a command executed in it.
package struct CommandLaunch: Hashable, Sendable {
    /// A limit of setrlimit(2), by the name that it has in a task definition (`nofile`). -1 is no limit.
    package struct ResourceLimit: Hashable, Sendable {
        package var name: String
        package var soft: Int
        package var hard: Int

        package init(name: String, soft: Int, hard: Int) {
            self.name = name
            self.soft = soft
            self.hard = hard
        }
    }

    /// Unique among a task's containers and executed commands. 1 to 255 bytes.
    package var name: String
    /// The first is the command, looked up in PATH unless it has a slash.
    package var arguments: [String]
    /// "NAME=value". PATH, HOSTNAME and HOME are added when they are missing; nothing is inherited.
    package var environment: [String]
    /// Absolute. Nil: `/`. Made when an image has none.
    package var workingDirectory: String?
    /// uid or name, with `:` and a gid or a group's name or without. Nil: root.
    package var user: String?
    package var capabilities: CapabilitySet
    package var isPrivileged: Bool
    package var forbidsNewPrivileges: Bool
    package var resourceLimits: [ResourceLimit]
    package var log: ContainerLog

    package init(
        name: String, arguments: [String], environment: [String] = [], workingDirectory: String? = nil,
        user: String? = nil, capabilities: CapabilitySet = .standard, isPrivileged: Bool = false,
        forbidsNewPrivileges: Bool = false, resourceLimits: [ResourceLimit] = [], log: ContainerLog = .none
    ) {
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.capabilities = capabilities
        self.isPrivileged = isPrivileged
        self.forbidsNewPrivileges = forbidsNewPrivileges
        self.resourceLimits = resourceLimits
        self.log = log
    }

    func write(to specification: inout MessageWriter) throws(PauseError) {
        for argument in arguments { try specification.add(TASKNET_PAUSE_KEY_ARGUMENT, argument) }
        for variable in environment { try specification.add(TASKNET_PAUSE_KEY_ENVIRONMENT, variable) }
        if let workingDirectory { try specification.add(TASKNET_PAUSE_KEY_DIRECTORY, workingDirectory) }
        if let user { try specification.add(TASKNET_PAUSE_KEY_USER, user) }
        try specification.add(TASKNET_PAUSE_KEY_CAPABILITIES, String(capabilities.rawValue, radix: 16))
        if isPrivileged { try specification.add(TASKNET_PAUSE_KEY_PRIVILEGED, "1") }
        if forbidsNewPrivileges { try specification.add(TASKNET_PAUSE_KEY_NO_NEW_PRIVILEGES, "1") }
        for limit in resourceLimits {
            try specification.add(TASKNET_PAUSE_KEY_RLIMIT, "\(limit.name):\(limit.soft):\(limit.hard)")
        }
    }
}
