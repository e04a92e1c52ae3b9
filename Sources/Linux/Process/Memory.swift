// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// How this process keeps memory that it does not need just now.
package enum Memory {
    /// Has all threads share a few pools: by itself glibc makes one for nearly each, and what is free in one is of no use to
    /// another. For a program of many threads that do little at once.
    package static func sharePools(_ count: Int32) { mallopt(M_ARENA_MAX, count) }

    /// Lets go of the pages of programs and libraries that are mapped so far: those of which the start was the only user,
    /// and their neighbours, which the kernel maps with them. The files' pages stay in the page cache as long as the
    /// machine has room, and what is used again is mapped again from there.
    package static func releaseProgramPages() throws(LinuxError) {
        for mapping in try ProgramMapping.all() where mapping.isShared {
            // The addresses are the kernel's own; a mapping that is gone meanwhile is no loss.
            madvise(UnsafeMutableRawPointer(bitPattern: mapping.start), mapping.size, MADV_DONTNEED)
        }
    }
}

/// A part of a program or library in this process's memory.
private struct ProgramMapping {
    let start: UInt
    let size: Int
    /// Whether the kernel can read all of it from the file again: it cannot be written to, and no page of it was, as
    /// relocations and breakpoints do.
    private(set) var isShared: Bool

    static func all() throws(LinuxError) -> [ProgramMapping] {
        var mappings: [ProgramMapping] = []
        for line in try TextFile.read("/proc/self/smaps").utf8.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 5).map { Substring($0) }
            if let first = words.first, !first.hasSuffix(":") {
                mappings.append(ProgramMapping(header: words))
            } else if words.count > 1, words[0] == "Anonymous:" || words[0] == "Locked:", words[1] != "0" {
                mappings[mappings.count - 1].isShared = false
            }
        }
        return mappings
    }

    /// "7f1a2000-7f1b3000 r-xp 00001000 fd:01 4711    /usr/lib/libx.so"
    private init(header words: [Substring]) {
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        start = ends.first ?? 0
        size = Int((ends.last ?? 0) - start)
        let path = words.last?.drop { $0 == " " } ?? ""
        isShared = words.count == 6 && words[1].hasPrefix("r-") && words[1].hasSuffix("p") && path.hasPrefix("/")
    }
}
