// SPDX-License-Identifier: Apache-2.0
package import Linux
package import SystemPackage

/// A program that is given a text, answers with one and ends: a CNI plugin as a runtime calls it.
package struct CalledProgram: Sendable {
    package let path: FilePath
    package let arguments: [String]

    package init(_ path: FilePath, arguments: [String] = []) {
        self.path = path
        self.arguments = arguments
    }

    package struct Answer: Sendable {
        package let status: ExitStatus
        package let output: String
        /// From before it was started until it was reaped.
        package let duration: Duration
    }

    /// - Parameter environment: all that it has, "NAME=value".
    package func call(_ input: String, environment: [String]) throws -> Answer {
        let input = try OwnedDescriptor.inMemory(Array(input.utf8), named: "input")
        let output = try PipeEnds()
        let program = Program(
            path: path, arguments: [path.string] + arguments, environment: environment,
            descriptors: [0: input.withRaw { $0 }, 1: output.writing.withRaw { $0 }])
        let start = ContinuousClock.now
        let process = try program.spawn()
        let answer = try output.intoReading().readToEnd(of: "the answer of \(path)")
        let status = try process.reap()
        return Answer(
            status: status, output: String(decoding: answer, as: UTF8.self), duration: start.duration(to: .now))
    }
}
