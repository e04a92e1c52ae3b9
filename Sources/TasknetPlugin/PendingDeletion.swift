// SPDX-License-Identifier: Apache-2.0

import CNI
import Glibc
import JSON
import Linux
import SystemPackage

/// A DEL that no daemon was there for, kept as a file beside its socket: the daemon does it when it starts. What a
/// reboot takes from there is gone with it from the kernel as well.
struct PendingDeletion {
    private let path: String

    /// Writes the file, whole or not at all. The same DEL again is the same file.
    ///
    /// Nil where the socket's directory is not there: then no daemon has run since the host started, and nothing that an
    /// ADD made is in the kernel.
    ///
    /// - Throws: code 5.
    init?(_ deletion: JSONNode, of request: CNIRequest, socketPath: String) throws(CNIError) {
        let runtimeDirectory = socketPath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        let directory = "\(runtimeDirectory)/cni/deletions"
        let name = Self.fileName(of: request)
        path = "\(directory)/\(name)"
        var status = stat()
        if stat(runtimeDirectory, &status) != 0, errno == ENOENT { return nil }
        do {
            try Self.makeDirectory("\(runtimeDirectory)/cni", mode: 0o700)
            try Self.makeDirectory(directory, mode: 0o700)
            // The daemon passes over what begins with a dot, and nobody else has this name.
            try Self.write(
                deletion.compactText + "\n", to: path, by: "\(directory)/.\(name).\(UInt64.random(in: 0...(.max)))")
        } catch {
            throw CNIError(
                .inputOutput, "tasknetd is not there, and the DEL cannot be kept for it", details: "\(error)")
        }
    }

    /// It is done.
    func remove() { _ = unlink(path) }

    /// Container ids can be as long as file names and longer: what tells two of them apart is the hash.
    private static func fileName(of request: CNIRequest) -> String {
        var hash = StableHash()
        for text in [request.configuration.name, request.containerID, request.interfaceName] {
            hash.combine(text.utf8 + [0])
        }
        return "\(request.containerID.prefix(64))-\(String(hash.value, radix: 16)).json"
    }

    private static func makeDirectory(_ path: String, mode: mode_t) throws(LinuxError) {
        if path.isEmpty || mkdir(path, mode) == 0 || errno == EEXIST { return }
        throw LinuxError("make directory", path, .last)
    }

    private static func write(_ text: String, to path: String, by draft: String) throws(LinuxError) {
        let file = try OwnedDescriptor.open(FilePath(draft), O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do throws(LinuxError) {
            try file.writeAll(Array(text.utf8), to: draft)
            guard rename(draft, path) == 0 else { throw LinuxError("rename", draft, .last) }
        } catch {
            unlink(draft)
            throw error
        }
    }
}
