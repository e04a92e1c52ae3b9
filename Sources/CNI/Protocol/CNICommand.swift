// SPDX-License-Identifier: Apache-2.0

/// What a runtime asks of a plugin: the value of `CNI_COMMAND`.
package enum CNICommand: String, CaseIterable, Sendable {
    /// Give a container an interface, or change one that it has.
    case add = "ADD"
    /// Take it away again.
    case del = "DEL"
    /// Is all as ADD left it?
    case check = "CHECK"
    /// Release what belongs to none of the attachments that the runtime still knows.
    case gc = "GC"
    /// Could an ADD be served now?
    case status = "STATUS"
    /// Which versions of the specification does the plugin speak?
    case version = "VERSION"

    /// The first version of the specification that has it.
    var since: CNIVersion {
        switch self {
        case .add, .del, .version: .oldest
        case .check: .withCheck
        case .gc, .status: .withGarbageCollection
        }
    }

    /// Whether it is about one interface of one container.
    package var isAboutAttachment: Bool {
        switch self {
        case .add, .del, .check: true
        case .gc, .status, .version: false
        }
    }
}
