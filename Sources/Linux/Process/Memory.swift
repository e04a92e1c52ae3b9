// SPDX-License-Identifier: Apache-2.0
import CLinux

/// How this process keeps memory that it does not need just now.
package enum Memory {
    /// Has all threads share a few pools: by itself glibc makes one for nearly each, and what is free in one is of no use to
    /// another. For a program of many threads that do little at once.
    package static func sharePools(_ count: Int32) { mallopt(M_ARENA_MAX, count) }
}
