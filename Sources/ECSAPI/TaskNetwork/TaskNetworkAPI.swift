// SPDX-License-Identifier: Apache-2.0
package import VPC

/// The operations that ECS has no word for.
package enum TaskNetworkAPI {}

extension TaskNetworkAPI {
    /// Starts one task with these ENIs, which somebody else made: RunTask's members, and the attachment message's.
    package enum RunTask: APIOperation {
        package static let target = "\(APITarget.taskNetwork).RunTask"

        package struct Input: Hashable, Sendable, Codable {
            /// The members of ECS's RunTask, at the same level of the document. A network configuration is optional.
            package var task: ECSAPI.RunTask.Input
            package var elasticNetworkInterfaces: [ElasticNetworkInterface]
            /// How long a device is waited for, in milliseconds; nil means three minutes, which is what ECS sends.
            package var waitTimeoutMs: Int?

            package init(
                task: ECSAPI.RunTask.Input, elasticNetworkInterfaces: [ElasticNetworkInterface],
                waitTimeoutMs: Int? = nil
            ) {
                self.task = task
                self.elasticNetworkInterfaces = elasticNetworkInterfaces
                self.waitTimeoutMs = waitTimeoutMs
            }

            private enum CodingKeys: String, CodingKey {
                case elasticNetworkInterfaces, waitTimeoutMs
            }

            package init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                task = try ECSAPI.RunTask.Input(from: decoder)
                elasticNetworkInterfaces =
                    try container.decodeIfPresent([ElasticNetworkInterface].self, forKey: .elasticNetworkInterfaces)
                    ?? []
                waitTimeoutMs = try container.decodeIfPresent(Int.self, forKey: .waitTimeoutMs)
            }

            package func encode(to encoder: any Encoder) throws {
                try task.encode(to: encoder)
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(elasticNetworkInterfaces, forKey: .elasticNetworkInterfaces)
                try container.encodeIfPresent(waitTimeoutMs, forKey: .waitTimeoutMs)
            }

            /// Checks what can be checked without the task definition. ENIs cannot be shared, so there is one task.
            package func validate() throws(ValidationFailure) {
                try task.validate()
                if let count = task.count, count != 1 {
                    throw ValidationFailure(
                        .invalidParameter, "count must be 1 when ENIs are given.", detail: "it is \(count)")
                }
                try AttachmentRules.validate(elasticNetworkInterfaces, waitTimeoutMs: waitTimeoutMs)
            }
        }

        package typealias Output = ECSAPI.RunTask.Output
    }

    /// Attaches more ENIs to a task that runs. The members are those of ECS's attachment message; only the task and the
    /// ENIs are needed.
    package enum AttachNetworkInterface: APIOperation {
        package static let target = "\(APITarget.taskNetwork).AttachNetworkInterface"

        package struct Input: Hashable, Sendable, Codable {
            package var messageId: String?
            package var clusterArn: String?
            package var containerInstanceArn: String?
            /// The task's ARN or id.
            @OrEmpty package var taskArn: String
            package var taskClusterArn: String?
            /// Milliseconds since 1970.
            package var generatedAt: Int?
            /// How long a device is waited for, in milliseconds; nil means three minutes, which is what ECS sends.
            package var waitTimeoutMs: Int?
            @OrEmpty package var elasticNetworkInterfaces: [ElasticNetworkInterface]

            package init(
                taskArn: String, elasticNetworkInterfaces: [ElasticNetworkInterface], waitTimeoutMs: Int? = nil
            ) {
                self.taskArn = taskArn
                self.elasticNetworkInterfaces = elasticNetworkInterfaces
                self.waitTimeoutMs = waitTimeoutMs
            }

            package func validate() throws(ValidationFailure) {
                try AttachmentRules.validate(elasticNetworkInterfaces, waitTimeoutMs: waitTimeoutMs)
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var attachments: [TaskAttachment]?

            package init(attachments: [TaskAttachment]) { self.attachments = attachments }
        }
    }

    /// Takes an ENI from a task that runs; not its primary one.
    package enum DetachNetworkInterface: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DetachNetworkInterface"

        package struct Input: Hashable, Sendable, Codable {
            /// The attachment's id or ARN, or the ENI's id, or its MAC address.
            @OrEmpty package var attachment: String
            /// The task's ARN or id; nil finds it by the attachment.
            package var task: String?
            package var cluster: String?

            package init(attachment: String, task: String? = nil, cluster: String? = nil) {
                self.attachment = attachment
                self.task = task
                self.cluster = cluster
            }

            /// The attachment's id, where an ARN is given.
            package var attachmentText: String { AttachmentARN(attachment)?.id ?? attachment }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var attachment: TaskAttachment?

            package init(attachment: TaskAttachment) { self.attachment = attachment }
        }
    }
}

/// Rules of several ENIs at once.
enum AttachmentRules {
    /// The most ENIs that an EC2 instance has.
    private static let most = 15
    /// An hour.
    private static let longestWait = 3_600_000

    static func validate(waitTimeoutMs: Int) throws(ValidationFailure) {
        guard !(1...longestWait).contains(waitTimeoutMs) else { return }
        throw ValidationFailure(
            .invalidParameter, "waitTimeoutMs must be 1 to \(longestWait).", detail: "it is \(waitTimeoutMs)")
    }

    static func validate(
        _ interfaces: [ElasticNetworkInterface], waitTimeoutMs: Int?
    ) throws(ValidationFailure) {
        if interfaces.isEmpty {
            throw ValidationFailure(.invalidParameter, "elasticNetworkInterfaces can not be empty.")
        }
        if interfaces.count > most {
            throw ValidationFailure(
                .invalidParameter, "elasticNetworkInterfaces can have at most \(most) items.",
                detail: "\(interfaces.count) are given")
        }
        if let waitTimeoutMs { try validate(waitTimeoutMs: waitTimeoutMs) }
        var macs: Set<String> = []
        var ids: Set<String> = []
        for interface in interfaces {
            if let mac = interface.macAddress?.lowercased(), !macs.insert(mac).inserted {
                throw ValidationFailure(
                    .invalidParameter, "duplicate eni mac address \(mac.shortened) in the message",
                    detail: "each interface has its own")
            }
            if let id = interface.ec2Id, !ids.insert(id).inserted {
                throw ValidationFailure(.invalidParameter, "duplicate eni id \(id.shortened) in the message")
            }
        }
    }
}
