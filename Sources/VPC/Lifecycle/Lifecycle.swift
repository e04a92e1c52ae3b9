// SPDX-License-Identifier: Apache-2.0

/// A status that only goes certain ways.
package protocol LifecycleStatus: RawRepresentable<String>, Hashable, Sendable, Codable, CaseIterable {
    /// What has the status, with its article, for errors: "a task".
    static var subject: String { get }

    /// Whether this status may be followed by `next`, which differs from it.
    func mayBecome(_ next: Self) -> Bool
}

/// Refused: a status that cannot follow the present one.
package struct IllegalTransition: Error, Hashable, Sendable, CustomStringConvertible {
    package let subject: String
    package let from: String
    package let to: String

    package var description: String { "\(subject) that is \(from) cannot become \(to)" }
}

/// The way of one thing through its statuses. It cannot be set to a status, only advance to one.
package struct Lifecycle<Status: LifecycleStatus>: Hashable, Sendable, Codable {
    package private(set) var status: Status

    /// Begins, or goes on after a restart, at `status`.
    package init(at status: Status) { self.status = status }

    package init(from decoder: any Decoder) throws {
        status = try decoder.singleValueContainer().decode(Status.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(status)
    }

    /// Moves on. Being there already is no error.
    ///
    /// - Returns: Whether the status changed.
    @discardableResult
    package mutating func advance(to next: Status) throws(IllegalTransition) -> Bool {
        if next == status { return false }
        guard status.mayBecome(next) else {
            throw IllegalTransition(subject: Status.subject, from: status.rawValue, to: next.rawValue)
        }
        status = next
        return true
    }
}

package typealias TaskLifecycle = Lifecycle<TaskStatus>
package typealias ContainerLifecycle = Lifecycle<ContainerStatus>
package typealias AttachmentLifecycle = Lifecycle<AttachmentStatus>
