// SPDX-License-Identifier: Apache-2.0

/// Whose network something in the kernel is.
enum NetworkOwner: Hashable, Sendable {
    case task(String)
    case sandbox(SandboxRecord.Key)
    /// The host's own side: what the subnets need on it.
    case host
    /// Of the host too, but changed in the middle of all others' changes.
    case packetFilter
}
