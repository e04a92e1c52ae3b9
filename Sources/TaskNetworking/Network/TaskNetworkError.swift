// SPDX-License-Identifier: Apache-2.0

/// A step of a plan that failed.
package struct TaskNetworkError: Error, CustomStringConvertible {
    package enum Operation: String, Sendable {
        case apply = "set up"
        case rollback = "undo"
        case check = "check"
        case teardown = "take down"
        case repair = "mend"
    }

    package let operation: Operation
    /// The requirement's label, "address 10.0.1.5/24 on eth0".
    package let step: String
    package let underlying: any Error
    /// What stayed behind: the steps that could not be undone after this one, each with its reason.
    package var notUndone: [TaskNetworkError] = []

    package var description: String {
        (["\(operation.rawValue) \(step): \(underlying)"] + notUndone.map(\.description)).joined(separator: "; then ")
    }
}

/// Something in the way that is somebody else's: it is left alone.
package struct ConflictError: Error, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter description: Names what is in the way, and ends in what to do about it.
    package init(_ description: String) { self.description = description }
}
