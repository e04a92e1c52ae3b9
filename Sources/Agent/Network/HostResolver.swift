// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage

/// The host's own DNS servers, for tasks that are told no others.
enum HostResolver {
    /// Those of /etc/resolv.conf that are not on the host's loopback, where no task can reach them.
    static func servers() -> [IPAddress] {
        let text = (try? TextFile.read("/etc/resolv.conf")) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, words[0] == "nameserver", let address = IPAddress(String(words[1])) else {
                return nil
            }
            return address.isLoopback ? nil : address
        }
    }
}
