// SPDX-License-Identifier: Apache-2.0
import VPC

package enum VersionConsistency: String, APIEnumeration {
    case enabled, disabled

    package static var noun: String { "version consistency" }
}

package struct RepositoryCredentials: Hashable, Sendable, Codable {
    package var credentialsParameter: String
}

/// Whether a container that ended is started again in its place.
package struct RestartPolicy: Hashable, Sendable, Codable {
    package var enabled: Bool
    package var ignoredExitCodes: [Int]?
    /// Seconds that it has to run before it may be started again.
    package var restartAttemptPeriod: Int?
}

package struct EnvironmentFile: Hashable, Sendable, Codable {
    package enum Kind: String, APIEnumeration {
        case s3

        package static var noun: String { "environment file type" }
    }

    package var value: String
    package var type: Kind
}

/// Where a volume of the task definition appears in the container.
package struct MountPoint: Hashable, Sendable, Codable {
    package var sourceVolume: String?
    package var containerPath: String?
    package var readOnly: Bool?

    package init(sourceVolume: String, containerPath: String, readOnly: Bool? = nil) {
        self.sourceVolume = sourceVolume
        self.containerPath = containerPath
        self.readOnly = readOnly
    }
}

package struct VolumeFrom: Hashable, Sendable, Codable {
    package var sourceContainer: String?
    package var readOnly: Bool?
}

package struct Secret: Hashable, Sendable, Codable {
    package var name: String
    package var valueFrom: String
}

/// A line of `/etc/hosts`.
package struct HostEntry: Hashable, Sendable, Codable {
    package var hostname: String
    package var ipAddress: String
}

package struct ResourceRequirement: Hashable, Sendable, Codable {
    package enum Kind: String, APIEnumeration {
        case gpu = "GPU"
        case inferenceAccelerator = "InferenceAccelerator"

        package static var noun: String { "resource type" }
    }

    package var value: String
    package var type: Kind
}
