// SPDX-License-Identifier: Apache-2.0

/// What an event is about. A reader takes kinds that it does not know as they come: a newer daemon may have more.
package struct EventKind: RawRepresentable, Hashable, Sendable, Codable {
    package var rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// A task's status.
    package static let task = EventKind(rawValue: "TASK")
    /// A container's, with its exit code.
    package static let container = EventKind(rawValue: "CONTAINER")
    /// The status of an ENI's attachment to a task or a sandbox.
    package static let attachment = EventKind(rawValue: "ATTACHMENT")
    /// Something in the kernel was not as planned, and was put right, or could not be.
    package static let repair = EventKind(rawValue: "REPAIR")
    /// Something in the kernel was the daemon's and nobody's, and was taken away, or could not be.
    package static let removal = EventKind(rawValue: "REMOVAL")
    /// The daemon's start and end, and what became of the host meanwhile.
    package static let host = EventKind(rawValue: "HOST")

    package static let all: [EventKind] = [.task, .container, .attachment, .repair, .removal, .host]
}
