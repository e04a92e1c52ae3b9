// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// What nft says about a text that it does not like:
///
///     <cmdline>:3:20-28: Error: Could not process rule: No such file or directory
///     add rule inet t c jump elsewhere
///                       ^^^^^^^^^
struct Complaint {
    let errno: Errno
    let text: String

    /// nft tells the kernel's errno only by its text, at the end of a line; what it finds itself has none.
    init(_ said: String) {
        let lines = said.split(separator: "\n", omittingEmptySubsequences: true)
        text = lines.joined(separator: "\n")
        errno =
            Self.known.first { errno in
                lines.contains { $0.hasSuffix(": \(errno)") || $0.hasSuffix(": \(errno) (you must be root)") }
            } ?? .invalidArgument
    }

    private static let known: [Errno] = [
        .noSuchFileOrDirectory, .fileExists, .resourceBusy, .notPermitted, .notSupported, .protocolNotSupported,
        .addressFamilyNotSupported, .noMemory, .outOfRange, .tooManyOpenFiles, .noBufferSpace, .invalidArgument,
    ]
}

extension NetfilterError {
    init(_ operation: String, _ object: String, _ complaint: Complaint) {
        self.init(operation, object, complaint.errno, complaint.text)
    }
}
