// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
package import Linux
import SystemPackage

/// What a program printed and how it ended.
package struct ProgramOutput: Sendable {
    package let status: ExitStatus
    package let output: String
    package let errors: String

    package var succeeded: Bool { status == .exited(0) }
}

/// A program that should have succeeded.
package struct ProgramFailure: Error, CustomStringConvertible {
    package let command: [String]
    package let result: ProgramOutput

    package var description: String {
        let words = (result.errors + result.output).trimmingCharacters(in: .whitespacesAndNewlines)
        return "\(command.joined(separator: " ")): \(result.status): \(words)"
    }
}

/// Runs a program to its end: `run(["ip", "-j", "link"], in: namespace)`.
///
/// - Parameters:
///   - command: the first word is looked up in PATH when it has no slash.
///   - namespace: nil is where we are.
/// - Throws: `ProgramFailure` when it does not exit with 0.
@discardableResult
package func run(_ command: [String], in namespace: NetworkNamespace? = nil) throws -> ProgramOutput {
    let result = try attempt(command, in: namespace)
    guard result.succeeded else { throw ProgramFailure(command: command, result: result) }
    return result
}

/// Runs a program to its end, however it ends.
package func attempt(_ command: [String], in namespace: NetworkNamespace? = nil) throws -> ProgramOutput {
    let output = try PipeEnds()
    let errors = try PipeEnds()
    var environment = ProcessInfo.processInfo.environment
    environment["LC_ALL"] = "C"
    let program = Program(
        path: try findProgram(command.first ?? ""), arguments: command,
        environment: environment.map { "\($0.key)=\($0.value)" },
        descriptors: [1: output.writing.withRaw { $0 }, 2: errors.writing.withRaw { $0 }])
    let process = try namespace.map { try $0.enter { try program.spawn() } } ?? program.spawn()
    let texts = try readBoth(output.intoReading(), errors.intoReading())
    return ProgramOutput(status: try process.reap(), output: texts.0, errors: texts.1)
}

/// Runs a program that prints JSON (`ip -j`, `nft -j`). No output at all is an empty list.
package func runJSON(_ command: [String], in namespace: NetworkNamespace? = nil) throws -> JSON {
    let text = try run(command, in: namespace).output
    guard text.contains(where: { !$0.isWhitespace }) else { return .list([]) }
    return try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
}

/// Reads two pipes to their ends, at once, so that the program never waits for the one that nobody reads.
func readBoth(
    _ first: consuming OwnedDescriptor, _ second: consuming OwnedDescriptor
) throws -> (String, String) {
    var texts: [[UInt8]] = [[], []]
    var open = [first.withRaw { $0 }, second.withRaw { $0 }]
    while open.contains(where: { $0 >= 0 }) {
        // poll(2) passes over negative numbers.
        var entries = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if poll(&entries, nfds_t(entries.count), -1) < 0 {
            let error = LinuxError.last("wait for", "output")
            guard error.errno == .interrupted else { throw error }
            continue
        }
        for index in entries.indices where entries[index].revents != 0 {
            let piece = try index == 0 ? first.read(upTo: 65536, of: "output") : second.read(upTo: 65536, of: "errors")
            texts[index] += piece
            if piece.isEmpty { open[index] = -1 }
        }
    }
    return (String(decoding: texts[0], as: UTF8.self), String(decoding: texts[1], as: UTF8.self))
}

private func findProgram(_ name: String) throws -> FilePath {
    if name.contains("/") { return FilePath(name) }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    for directory in path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"] {
        let file = FilePath(directory).appending(name)
        if access(file.string, X_OK) == 0 { return file }
    }
    throw LinuxError("find program", name, .noSuchFileOrDirectory)
}
