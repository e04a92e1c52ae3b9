// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// What nft says about a text that it does not like:
///
///     line 3:24-32: Error: Could not process rule: No such file or directory
///     add rule inet t c jump elsewhere
///                            ^^^^^^^^^
struct Complaint {
    let errno: Errno
    let text: String

    /// nft tells the kernel's errno only by its text; what it finds itself has none.
    ///
    /// - Parameter file: what nft was told to read, which it names before each line's number.
    init(_ said: String, about file: String) {
        let lines = said.split(separator: "\n", omittingEmptySubsequences: true)
        text = lines.map { $0.hasPrefix(file + ":") ? "line " + $0.dropFirst(file.count + 1) : String($0) }
            .joined(separator: "\n")
        errno =
            Self.known.first { errno in lines.contains { $0.contains(": \(errno)") } } ?? .invalidArgument
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
