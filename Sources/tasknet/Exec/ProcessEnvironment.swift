// SPDX-License-Identifier: Apache-2.0

import Glibc

/// This program's own environment, for one that it starts.
enum ProcessEnvironment {
    /// "NAME=value"
    static var own: [String] {
        var texts: [String] = []
        var entry = environ
        while let text = entry.pointee {
            texts.append(String(cString: text))
            entry += 1
        }
        return texts
    }
}
