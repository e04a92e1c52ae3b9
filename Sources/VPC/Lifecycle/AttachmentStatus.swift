// SPDX-License-Identifier: Apache-2.0

/// Where the attachment of an ENI to a task is in its life.
package enum AttachmentStatus: String, LifecycleStatus {
    case precreated = "PRECREATED"
    case created = "CREATED"
    case attaching = "ATTACHING"
    case attached = "ATTACHED"
    case detaching = "DETACHING"
    case detached = "DETACHED"
    case deleted = "DELETED"
    case failed = "FAILED"

    package static var subject: String { "an attachment" }

    /// Up goes step by step (only `created` may be left out), down may leave steps out, and nothing goes back.
    /// Everything can fail that is not over; what failed can still be taken down.
    package func mayBecome(_ next: AttachmentStatus) -> Bool {
        switch next {
        case .precreated: false
        case .created: self == .precreated
        case .attaching: self == .precreated || self == .created
        case .attached: self == .attaching
        case .detaching: [.precreated, .created, .attaching, .attached, .failed].contains(self)
        case .detached: ![.detached, .deleted].contains(self)
        case .deleted: self != .deleted
        case .failed: ![.detached, .deleted, .failed].contains(self)
        }
    }
}
