// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// A program that runs beside what is measured, in a network namespace.
final class RunningProgram: Sendable {
    private let process: ProcessHandle
    private let output: OwnedDescriptor

    /// - Parameter namespace: nil is the benchmark's own host.
    init(_ path: FilePath, _ arguments: [String], in namespace: NetworkNamespace?) throws {
        let pipe = try PipeEnds()
        let program = Program(
            path: path, arguments: [path.string] + arguments, environment: ["PATH=/usr/bin:/bin", "LC_ALL=C"],
            descriptors: [1: pipe.writing.withRaw { $0 }, 2: STDERR_FILENO])
        if let namespace {
            process = try namespace.enter { try program.spawn() }
        } else {
            process = try program.spawn()
        }
        output = pipe.intoReading()
    }

    /// Waits until it has written something.
    func waitUntilReady() throws {
        guard try output.waitUntilReadable(until: .now.advanced(by: .seconds(10))),
            try !output.read(upTo: 4096, of: "output").isEmpty
        else { throw BenchFailure("a program did not become ready") }
    }

    /// Waits for its end.
    /// - Returns: what it wrote.
    func finish() throws -> String {
        let text = String(decoding: try output.readToEnd(of: "output"), as: UTF8.self)
        let status = try process.reap()
        guard status == .exited(0) else { throw BenchFailure("a program ended with \(status): \(text)") }
        return text
    }

    /// Asks it to end, and waits for that.
    func finish(by signal: CInt) throws -> String {
        _ = try process.signal(signal)
        return try finish()
    }

    func kill() {
        _ = try? process.signal(SIGKILL)
        _ = try? process.reap()
    }
}
