// SPDX-License-Identifier: Apache-2.0

/// An operation of the control API (AWS JSON 1.1): what is asked and what is answered, as JSON documents.
package protocol APIOperation {
    associatedtype Input: Codable & Sendable
    associatedtype Output: Codable & Sendable

    /// What `X-Amz-Target` says: the service's prefix, a dot, the operation.
    static var target: String { get }
}

/// The prefixes of the two services behind the control socket.
package enum APITarget {
    /// Operations that ECS has.
    package static let ecs = "AmazonEC2ContainerServiceV20141113"
    /// Operations that ECS has no word for.
    package static let taskNetwork = "TaskNetwork"
}
