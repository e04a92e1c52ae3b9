// SPDX-License-Identifier: Apache-2.0
#if DEBUG
    /// The names of all places where a debug build can be told to die, for tests that go through them.
    package enum FaultPoints {
        /// The boundaries of all changes; what is recorded and not begun; and the steps of plans, of which the nth is
        /// meant by `<name>:<n>`.
        package static var all: [String] {
            JournaledChange.allCases.flatMap { change in
                JournaledChange.Boundary.allCases.map { change.faultPoint(after: $0) }
            } + [taskRecorded, attachmentRecorded, "apply-step", "undo-step"]
        }
    }
#else
    enum FaultPoints {}
#endif

extension FaultPoints {
    /// A task is in the store, and nobody runs it.
    static var taskRecorded: String { "run.recorded" }
    /// An ENI that is to come to a running task is in the store, and nobody waits for it.
    static var attachmentRecorded: String { "attach.recorded" }
}
