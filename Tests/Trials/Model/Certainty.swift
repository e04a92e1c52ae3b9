// SPDX-License-Identifier: Apache-2.0

/// Whether something that was asked for is done, as far as the one who asked can know.
enum Certainty: Hashable, Sendable {
    case no
    case yes
    /// The connection died: it may be done or not, and either is right.
    case unknown
}

/// What became of an operation, seen from its client.
enum Outcome: Hashable, Sendable {
    case acknowledged
    case refused(String)
    /// The daemon went away while it was asked.
    case unknown
    /// There was no daemon to ask.
    case absent
    /// It makes no sense at the moment, so it was not asked for.
    case skipped
}
