// SPDX-License-Identifier: Apache-2.0
import VPC

/// Why a task's network cannot be made. The texts are for the one who asked for the task.
enum NetworkServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSubnet
    case unknownSubnet(String, known: [String])
    case noParentInterface(kind: String)
    case noInterfaces(task: String)
    case notRunning(task: String, status: String)

    static func notRunning(_ task: TaskRecord) -> Self {
        .notRunning(task: task.id, status: (task.stopCode == nil ? task.lastStatus : .stopping).rawValue)
    }

    var description: String {
        switch self {
        case .noSubnet:
            "subnets can not be empty."
        case .unknownSubnet(let id, let known):
            "The subnet ID '\(id)' does not exist (configured: \(known.isEmpty ? "none" : known.joined(separator: ", ")))"
        case .noParentInterface(let kind):
            "an ENI of kind \(kind) needs a NIC of the host: set parentInterface in the configuration"
        case .noInterfaces(let task):
            "task \(task) has no network interface"
        case .notRunning(let task, let status):
            "A network interface can be attached to a RUNNING task; task \(task) is \(status)."
        }
    }
}
