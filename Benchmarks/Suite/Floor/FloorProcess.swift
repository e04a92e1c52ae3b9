// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Synchronization
import SystemPackage

/// Benchmarks/Floor, serving: it is told what to do a line at a time, and answers with microseconds.
final class FloorProcess: Sendable {
    enum Kind: String { case cold, sandbox, warm, device, bridged }
    enum Method: String { case drop, dellink, group, back }

    private struct State: ~Copyable {
        let commands: OwnedDescriptor
        let answers: OwnedDescriptor
    }

    private let process: ProcessHandle
    private let state: Mutex<State>

    init(_ program: FilePath) throws {
        let input = try PipeEnds()
        let output = try PipeEnds()
        process = try Program(
            path: program, arguments: ["floor", "serve"],
            descriptors: [0: input.reading.withRaw { $0 }, 1: output.writing.withRaw { $0 }, 2: STDERR_FILENO]
        ).spawn()
        state = Mutex(State(commands: input.intoWriting(), answers: output.intoReading()))
    }

    func add(_ kind: Kind, count: Int = 1, workers: Int = 1) throws -> Duration {
        try tell("add \(kind.rawValue) \(count) \(workers)")
    }

    /// The youngest ones.
    func delete(_ method: Method, count: Int = 1, workers: Int = 1) throws -> Duration {
        try tell("delete \(method.rawValue) \(count) \(workers)")
    }

    /// Waits until the kernel is done, as far as links tell.
    func settle() throws -> Duration { try tell("settle") }

    /// Ends it. What it has made ends with it.
    func end() {
        _ = try? process.signal(SIGKILL)
        _ = try? process.reap()
    }

    private func tell(_ command: String) throws -> Duration {
        try state.withLock { state in
            try state.commands.writeAll(Array((command + "\n").utf8), to: "the floor's commands")
            var line: [UInt8] = []
            while line.last != UInt8(ascii: "\n") {
                let piece = try state.answers.read(upTo: 64, of: "the floor's answers")
                guard !piece.isEmpty else { throw BenchFailure("floor: \(command): it ended") }
                line += piece
            }
            guard let microseconds = Double(String(decoding: line.dropLast(), as: UTF8.self)) else {
                throw BenchFailure("floor: \(command): \(String(decoding: line, as: UTF8.self))")
            }
            return .nanoseconds(Int64(microseconds * 1000))
        }
    }
}
