// SPDX-License-Identifier: Apache-2.0

package enum NetworkMode: String, APIEnumeration {
    case bridge, host, awsvpc, none

    package static var noun: String { "network mode" }
}

/// How a task is launched, and what a task definition is compatible with.
package enum LaunchType: String, APIEnumeration {
    case ec2 = "EC2"
    case fargate = "FARGATE"
    case external = "EXTERNAL"
    case managedInstances = "MANAGED_INSTANCES"

    package static var noun: String { "launch type" }
    package static var failureKind: ValidationFailure.Kind { .invalidParameter }
}
