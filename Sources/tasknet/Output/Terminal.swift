// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// What standard output and standard error are connected to.
enum Terminal {
    /// Whether tables may be coloured: standard output is a terminal that can, and nobody has said NO_COLOR.
    static var isStyled: Bool {
        isTerminal(STDOUT_FILENO) && environment("NO_COLOR").isEmpty && environment("TERM") != "dumb"
    }

    /// Whether somebody watches standard error.
    static var showsProgress: Bool {
        isTerminal(STDERR_FILENO) && environment("TERM") != "dumb"
    }

    static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// The columns of the terminal behind `descriptor`, 80 when it does not say.
    static func width(of descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    static func environment(_ name: String) -> String {
        getenv(name).map { String(cString: $0) } ?? ""
    }

    /// Whether the locale has more than ASCII. The first that is set counts.
    static var showsUTF8: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(environment).first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
    }

    /// Writes to standard error, unbuffered.
    static func writeError(_ text: String) {
        // Where even this fails there is nobody left to tell.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
