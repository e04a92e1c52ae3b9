// SPDX-License-Identifier: Apache-2.0
package import VPC

package enum TaskDefinitionStatus: String, APIEnumeration {
    case active = "ACTIVE"
    case inactive = "INACTIVE"
    case deleteInProgress = "DELETE_IN_PROGRESS"

    package static var noun: String { "task definition status" }
    package static var failureKind: ValidationFailure.Kind { .invalidParameter }
}

package enum PIDMode: String, APIEnumeration {
    case host, task

    package static var noun: String { "PID mode" }
}

package enum IPCMode: String, APIEnumeration {
    case host, task, none

    package static var noun: String { "IPC mode" }
}

/// Something that a host or a resource is said to have.
package struct Attribute: Hashable, Sendable, Codable {
    package var name: String
    package var value: String?
    package var targetType: String?
    package var targetId: String?

    package init(name: String, value: String? = nil, targetType: String? = nil, targetId: String? = nil) {
        self.name = name
        self.value = value
        self.targetType = targetType
        self.targetId = targetId
    }
}

/// `Tag` of the ECS API.
package struct ResourceTag: Hashable, Sendable, Codable {
    package var key: String?
    package var value: String?

    package init(key: String?, value: String?) {
        self.key = key
        self.value = value
    }
}

package struct KeyValuePair: Hashable, Sendable, Codable {
    package var name: String?
    package var value: String?

    package init(name: String?, value: String?) {
        self.name = name
        self.value = value
    }
}

package struct PlacementConstraint: Hashable, Sendable, Codable {
    package var type: String?
    package var expression: String?
}

package struct RuntimePlatform: Hashable, Sendable, Codable {
    package enum CPUArchitecture: String, APIEnumeration {
        case x86 = "X86_64"
        case arm64 = "ARM64"

        package static var noun: String { "CPU architecture" }
    }

    package var cpuArchitecture: CPUArchitecture?
    /// `LINUX`, or one of many that begin with `WINDOWS_`.
    package var operatingSystemFamily: String?
}

package struct InferenceAccelerator: Hashable, Sendable, Codable {
    package var deviceName: String
    package var deviceType: String
}

package struct EphemeralStorage: Hashable, Sendable, Codable {
    package var sizeInGiB: Int
}

package struct ProxyConfiguration: Hashable, Sendable, Codable {
    package var type: String?
    package var containerName: String
    package var properties: [KeyValuePair]?
}

package struct Volume: Hashable, Sendable, Codable {
    package struct Host: Hashable, Sendable, Codable {
        package var sourcePath: String?

        package init(sourcePath: String?) { self.sourcePath = sourcePath }
    }

    package var name: String?
    package var host: Host?
    package var dockerVolumeConfiguration: JSONObject?
    package var efsVolumeConfiguration: JSONObject?
    package var s3filesVolumeConfiguration: JSONObject?
    package var fsxWindowsFileServerVolumeConfiguration: JSONObject?
    package var configuredAtLaunch: Bool?

    package init(name: String, host: Host? = nil) {
        self.name = name
        self.host = host
    }
}
