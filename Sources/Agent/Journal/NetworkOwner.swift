// SPDX-License-Identifier: Apache-2.0

/// Whose network something in the kernel is.
enum NetworkOwner: Hashable, Sendable {
    /// The host's own side: what the subnets need on it, and its packet filter.
    case host
    case task(String)
    case sandbox(SandboxRecord.Key)
}
