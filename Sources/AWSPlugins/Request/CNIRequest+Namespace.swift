// SPDX-License-Identifier: Apache-2.0

package import CNI
import JSON
package import Linux
import SystemPackage
package import TaskNetworking

/// The container's namespace, held open: the same one from the first step to the last, whatever becomes of its path.
package struct HeldNamespace {
    package let path: AbsolutePath
    package let namespace: NetworkNamespace
}

extension CNIRequest {
    /// The container's namespace, for ADD and CHECK.
    ///
    /// - Throws: code 4, naming the variable, for a path that leads to no network namespace, or to the host's.
    package func heldNamespace() throws(CNIError) -> HeldNamespace {
        let path = try containerNamespacePath()
        let found: HeldNamespace?
        do throws(LinuxError) {
            found = try open(path)
        } catch {
            throw refusal(of: error.description)
        }
        guard let found else {
            throw refusal(of: "this is the host's own network namespace: give the container one of its own")
        }
        return found
    }

    /// The container's namespace, for DEL: nil when it is gone. So it is, too, when the path leads to something else by
    /// now: the process in a `/proc/<pid>/ns/net` has ended, and another one, of the host's, has got its number. And when
    /// it is no path at all: the ECS agent says "none".
    package func heldNamespaceIfThere() throws(CNIError) -> HeldNamespace? {
        guard let path = try? containerNamespacePath() else { return nil }
        do throws(LinuxError) {
            return try open(path)
        } catch {
            let gone: [Errno] = [
                .noSuchFileOrDirectory, .notDirectory, .invalidArgument, .noSuchProcess, .tooManySymbolicLinkLevels,
                .fileNameTooLong,
            ]
            if gone.contains(error.errno) { return nil }
            throw refusal(of: error.description)
        }
    }

    private func containerNamespacePath() throws(CNIError) -> AbsolutePath {
        guard networkNamespace.hasPrefix("/") else {
            throw refusal(of: "it is the path of a network namespace, and begins with a slash")
        }
        do throws(NameError) {
            // The kernel passes over what is empty between slashes.
            let path = networkNamespace.split(separator: "/").reduce(into: "") { $0 += "/\($1)" }
            return try AbsolutePath(path.isEmpty ? "/" : path)
        } catch {
            throw refusal(of: error.problem)
        }
    }

    /// - Returns: nil for the host's own.
    private func open(_ path: AbsolutePath) throws(LinuxError) -> HeldNamespace? {
        let namespace = try NetworkNamespace(path: FilePath(path.text))
        return try namespace == .current() ? nil : HeldNamespace(path: path, namespace: namespace)
    }

    private func refusal(of reason: String) -> CNIError {
        CNIError(
            .invalidEnvironment, "invalid CNI_NETNS \(EscapedText.quoted(networkNamespace.utf8))", details: reason)
    }
}
