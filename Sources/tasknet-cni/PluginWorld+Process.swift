// SPDX-License-Identifier: Apache-2.0

import CNI
import Glibc
import Linux

extension PluginWorld {
    /// More than any runtime sends; a plugin holds all of it in memory.
    private static let longestInput = 64 << 20

    /// That of this process.
    static var process: PluginWorld {
        PluginWorld(environment: environment) {
            // By hand, at a terminal, nothing comes.
            if isatty(STDIN_FILENO) == 1 { return [] }
            return try OwnedDescriptor(STDIN_FILENO).readToEnd(of: "standard input", limit: longestInput)
        }
    }

    /// Read byte by byte: what `split` needs of the runtime takes longer than all the rest of this.
    private static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            if let sign = strchr(text, CInt(UInt8(ascii: "="))) {
                let name = UnsafeRawBufferPointer(start: text, count: sign - text)
                variables[String(decoding: name, as: UTF8.self)] = String(cString: sign + 1)
            }
            entry += 1
        }
        return variables
    }
}
