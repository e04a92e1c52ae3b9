// SPDX-License-Identifier: Apache-2.0
import Linux
package import SystemPackage

/// The program tasknet-pause.
package enum PauseProcess {
    /// Starts a pause process in the background, as a child of init, and connects with it.
    ///
    /// - Parameters:
    ///   - socket: the path to serve; shorter than 108 bytes, in a directory that exists.
    ///   - networkNamespace: where the namespace is bound.
    ///   - hostname: at most 64 bytes.
    /// - Throws: `PauseError` with what the program said; `LinuxError` when it could not be started at all.
    package static func start(
        executable: FilePath, socket: FilePath, networkNamespace: FilePath, hostname: String
    ) async throws -> PauseConnection {
        let errors = try PipeEnds()
        let program = Program(
            path: executable,
            arguments: [
                "tasknet-pause", "--socket", socket.string, "--netns", networkNamespace.string, "--hostname", hostname,
            ],
            descriptors: [2: errors.writing.withRaw { $0 }])
        let process = try program.spawn()
        let output = errors.intoReading()
        await process.exited()
        let status = try process.reap()
        guard status == .exited(0) else {
            let text = String(decoding: try output.readToEnd(of: "the pause process's errors"), as: UTF8.self)
            let line = text.split(separator: "\n").joined(separator: "; ")
            throw PauseError(line.isEmpty ? "tasknet-pause: \(status)" : line, .invalidArgument)
        }
        return try PauseConnection(to: socket)
    }
}
