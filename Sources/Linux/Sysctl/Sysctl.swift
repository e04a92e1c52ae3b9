// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// A kernel parameter below /proc/sys, as a list of names: an interface's name may have dots in it.
package struct Sysctl: Hashable, Sendable, CustomStringConvertible {
    package let components: [String]

    /// - Throws: `EINVAL` for names that would lead somewhere else ("..", "a/b").
    package init(_ components: [String]) throws(LinuxError) {
        self.components = components
        let valid = components.allSatisfy {
            $0 != "" && $0 != "." && $0 != ".." && !$0.utf8.contains { $0 == 0 || $0 == 47 }
        }
        guard valid, !components.isEmpty else {
            throw LinuxError("name sysctl", components.joined(separator: "."), .invalidArgument)
        }
    }

    package init(_ components: String...) throws(LinuxError) {
        try self.init(components)
    }

    /// `net.ipv4.conf.<interface>.<key>`
    package static func ipv4(interface: String, _ key: String) throws(LinuxError) -> Sysctl {
        try Sysctl(["net", "ipv4", "conf", interface, key])
    }

    /// `net.ipv6.conf.<interface>.<key>`
    package static func ipv6(interface: String, _ key: String) throws(LinuxError) -> Sysctl {
        try Sysctl(["net", "ipv6", "conf", interface, key])
    }

    /// As sysctl(8) writes it: a dot within a name becomes a slash.
    package var description: String {
        components.map { String($0.map { $0 == "." ? "/" : $0 }) }.joined(separator: ".")
    }

    /// Its file.
    package var path: String { "/proc/sys/" + components.joined(separator: "/") }

    /// The value as the calling thread's namespaces have it.
    package func read() throws(LinuxError) -> String {
        do {
            return try TextFile.read(path)
        } catch {
            throw LinuxError("read sysctl", description, error.errno)
        }
    }

    /// Sets the value for the calling thread's namespaces.
    package func write(_ value: String) throws(LinuxError) {
        do {
            try TextFile.write(value, to: path)
        } catch {
            throw LinuxError("set sysctl to \(value):", description, error.errno)
        }
    }

    /// The value in a network namespace. The corresponding files show the namespace of the thread that opens them.
    package func read(in namespace: NetworkNamespace) throws -> String {
        try namespace.enter { try read() }
    }

    /// Sets the value in a network namespace.
    package func write(_ value: String, in namespace: NetworkNamespace) throws {
        try namespace.enter { try write(value) }
    }
}
