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

    private static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }
}
