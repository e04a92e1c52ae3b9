// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Linux
import SystemPackage

/// A network namespace that somebody else made, held open.
package struct Sandbox: Sendable {
    package let namespace: NetworkNamespace
    package let identity: Identity

    /// What makes it this one and no other. Paths, process ids and inode numbers are all given to the next one as soon as it
    /// is gone.
    package struct Identity: Hashable, Sendable, Codable {
        package let bootID: String
        package let device: UInt64
        package let inode: UInt64
        /// Nil where the kernel has none; then the others have to do.
        package let cookie: UInt64?

        /// Whether it can still be there.
        package var isOfThisBoot: Bool { get throws { try bootID == BootID.current() } }

        package init(bootID: String, device: UInt64, inode: UInt64, cookie: UInt64?) {
            self.bootID = bootID
            self.device = device
            self.inode = inode
            self.cookie = cookie
        }
    }

    /// - Throws: `LinuxError`; of those, the ones that `isGone` are about a path where no namespace is.
    init(path: FilePath) throws {
        namespace = try NetworkNamespace(path: path)
        identity = Identity(
            bootID: try BootID.current(), device: namespace.identity.device, inode: namespace.identity.inode,
            cookie: try namespace.cookie())
    }

    /// The namespace with this identity.
    ///
    /// - Parameters:
    ///   - path: where it was.
    ///   - amongProcesses: whether it is looked for in all processes where it is not at its path any more.
    /// - Returns: nil when it is gone, whatever is at its path by now.
    package static func find(
        _ identity: Identity, at path: AbsolutePath, orAmongProcesses amongProcesses: Bool
    ) throws -> Sandbox? {
        do {
            let found = try Sandbox(path: FilePath(path.text))
            if found.identity == identity { return found }
        } catch let error as LinuxError where Ground.meansGone(error) || error.errno == .notDirectory {
            // Its name is gone. It may live on for those who are in it.
        }
        guard try amongProcesses && identity.isOfThisBoot else { return nil }
        for process in try Self.processes() {
            var status = stat()
            guard stat("/proc/\(process)/ns/net", &status) == 0, UInt64(status.st_dev) == identity.device,
                UInt64(status.st_ino) == identity.inode,
                // It may have ended since.
                let found = try? Sandbox(path: FilePath("/proc/\(process)/ns/net")), found.identity == identity
            else { continue }
            return found
        }
        return nil
    }

    private static func processes() throws(LinuxError) -> [Int32] {
        try DirectoryNames.read("/proc").compactMap { Int32($0) }
    }
}

/// Why a path is not that of a sandbox.
package enum SandboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(path: String)
    case noNamespace(path: String, reason: String)
    case host(path: String)

    package var description: String {
        switch self {
        case .missing(let path):
            "networkNamespace \(path): there is nothing: make the namespace before its ENI, or correct the path"
        case .noNamespace(let path, let reason):
            """
            networkNamespace \(path): \(reason): give the path of a network namespace, such as /run/netns/<name> or \
            /proc/<pid>/ns/net
            """
        case .host(let path):
            "networkNamespace \(path) is the host's own network namespace: give the sandbox one of its own"
        }
    }
}
