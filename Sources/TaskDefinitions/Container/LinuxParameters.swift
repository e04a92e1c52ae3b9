// SPDX-License-Identifier: Apache-2.0
import VPC

/// Settings of a container that only Linux has.
package struct LinuxParameters: Hashable, Sendable, Codable {
    /// Names without `CAP_`, or `ALL`.
    package struct Capabilities: Hashable, Sendable, Codable {
        package var add: [String]?
        package var drop: [String]?
    }

    package struct Device: Hashable, Sendable, Codable {
        package enum Permission: String, APIEnumeration {
            case read, write, mknod

            package static var noun: String { "device permission" }
        }

        package var hostPath: String
        package var containerPath: String?
        package var permissions: [Permission]?
    }

    package struct Tmpfs: Hashable, Sendable, Codable {
        package var containerPath: String
        /// MiB
        package var size: Int
        package var mountOptions: [String]?
    }

    package var capabilities: Capabilities?
    package var devices: [Device]?
    package var initProcessEnabled: Bool?
    /// MiB
    package var sharedMemorySize: Int?
    package var tmpfs: [Tmpfs]?
    /// MiB
    package var maxSwap: Int?
    package var swappiness: Int?
}

/// A limit of the resources of a container's processes; -1 is no limit.
package struct Ulimit: Hashable, Sendable, Codable {
    package enum Name: String, APIEnumeration {
        case core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending
        case stack

        package static var noun: String { "ulimit name" }
    }

    package var name: Name
    package var softLimit: Int
    package var hardLimit: Int

    package init(name: Name, softLimit: Int, hardLimit: Int) {
        self.name = name
        self.softLimit = softLimit
        self.hardLimit = hardLimit
    }
}

/// A sysctl of the container's namespaces.
package struct SystemControl: Hashable, Sendable, Codable {
    package var namespace: String?
    package var value: String?
}
