// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// An array of C strings ended by NULL, as argv and environ are.
struct CStringArray: ~Copyable {
    let pointers: [UnsafeMutablePointer<CChar>?]

    /// - Throws: `EINVAL` for a text with a NUL in it, which C would cut there.
    init(_ texts: [String], of program: String) throws(LinuxError) {
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw LinuxError("start program", program, .invalidArgument, reason: "an argument contains a NUL byte")
        }
        pointers = texts.map { strdup($0) } + [nil]
    }

    deinit {
        pointers.forEach { free($0) }
    }
}
