// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import SystemPackage

/// What commands print.
enum Output {
    static func line(_ text: String = "") {
        print(text)
    }

    static func lines(_ lines: [String]) {
        for line in lines { print(line) }
    }

    static func table(_ table: Table, indentation: Int = 0) {
        lines(table.lines(styled: Terminal.isStyled, indentation: indentation))
    }

    /// A JSON document, indented, with its members in the order in which they came.
    static func json(_ document: JSONNode) {
        print(document.indentedText)
    }

    /// Puts text out that has its own line ends, at once and in order with what is printed.
    static func write(_ text: String, isError: Bool = false) throws(CommandFailure) {
        do {
            if isError { try flush() }
            let descriptor = isError ? FileDescriptor.standardError : FileDescriptor.standardOutput
            try descriptor.writeAll(text.utf8)
        } catch {
            throw CommandFailure("cannot write the output: \(error)")
        }
    }

    /// Something worth knowing that is no result: on standard error, with the program's name before it.
    static func note(_ text: String) {
        Terminal.writeError("tasknet: \(text)\n")
    }

    /// Makes sure that what was printed has arrived.
    static func flush() throws(CommandFailure) {
        guard fflush(nil) == 0 else {
            throw CommandFailure("cannot write the output: \(Errno(rawValue: errno))")
        }
    }
}
