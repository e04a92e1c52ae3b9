// SPDX-License-Identifier: Apache-2.0
import CNI
import Glibc
import JSON
import Linux
import SystemPackage

/// A plugin that another one calls for a part of its work, found along `CNI_PATH`.
struct DelegatedPlugin {
    private let path: String
    private let environment: [String: String]

    /// - Throws: code 7 when there is no such file.
    init(_ type: String, along directories: [String], environment: [String: String]) throws(CNIError) {
        // A type with a slash would lead out of the directories that the runtime trusts.
        let isName = !type.isEmpty && !type.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
        guard isName, let path = directories.map({ "\($0)/\(type)" }).first(where: Self.isProgram) else {
            throw CNIError(
                .invalidConfiguration, "failed to find plugin \(EscapedText.quoted(type.utf8)) in path \(directories)",
                details: "ipam.type is the name of a program in one of CNI_PATH's directories")
        }
        self.path = path
        self.environment = environment
    }

    /// Whether it is the program that runs here, so that it need not be started.
    var isThisProgram: Bool {
        // By the name that the link has: what runs a program for it to be looked at has another one behind the link.
        guard let executable = try? SymbolicLink.ownProgram() else { return false }
        var found = stat()
        var own = stat()
        guard stat(path, &found) == 0, stat(executable.string, &own) == 0 else { return false }
        return found.st_dev == own.st_dev && found.st_ino == own.st_ino
    }

    /// Runs it as the runtime ran us: the same environment but for the command, the same configuration. What it writes
    /// to standard error goes where ours goes. How long it takes is its own affair, and the runtime's.
    ///
    /// - Throws: the plugin's own error, as it is.
    func run(_ command: CNICommand, _ request: CNIRequest) throws -> Answer {
        var environment = environment
        environment["CNI_COMMAND"] = command.rawValue
        let input = try OwnedDescriptor.inMemory(
            Array(request.configuration.document.compactText.utf8), named: "network configuration")
        let output = try PipeEnds()
        let program = Program(
            path: FilePath(path), arguments: [path], environment: environment.map { "\($0.key)=\($0.value)" },
            descriptors: [0: input.withRaw { $0 }, 1: output.writing.withRaw { $0 }, 2: STDERR_FILENO])
        let process = try program.spawn()
        let bytes = Self.read(output.intoReading(), from: path)
        let status = try process.reap()
        // One that was cut off had its say: that it ended badly is our doing.
        if case .success(let bytes) = bytes, status != .exited(0) { throw refusal(bytes, status) }
        return Answer(path: path, bytes: bytes)
    }

    /// Nobody reads any more when this returns, so that one that writes on ends.
    private static func read(
        _ reading: consuming OwnedDescriptor, from path: String
    ) -> Result<[UInt8], LinuxError> {
        do throws(LinuxError) {
            return .success(try reading.readToEnd(of: "the answer of \(path)", limit: longestAnswer))
        } catch {
            return .failure(error)
        }
    }

    private func refusal(_ bytes: [UInt8], _ status: ExitStatus) -> CNIError {
        if let document = try? JSONParser.parse(bytes), let error = CNIError(document) { return error }
        let isEmpty = bytes.allSatisfy { Answer.spaces.contains($0) }
        return CNIError(
            .failed, "\(path) failed: \(status)", details: isEmpty ? "" : EscapedText.quoted(bytes, limit: 1000))
    }

    /// What it wrote that did as it was told.
    struct Answer {
        fileprivate let path: String
        fileprivate let bytes: Result<[UInt8], LinuxError>
        fileprivate static let spaces: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]

        /// - Throws: for anything but a result.
        func result(_ version: CNIVersion) throws -> CNIResult {
            let bytes = try bytes.get()
            if bytes.allSatisfy({ Self.spaces.contains($0) }) {
                throw CNIError(.decoding, "\(path) answered nothing", details: "ADD has a result")
            }
            let document: JSONNode
            do {
                document = try JSONParser.parse(bytes)
            } catch {
                throw CNIError(.decoding, "\(path) answered no JSON", details: EscapedText.quoted(bytes, limit: 200))
            }
            return try CNIResult(document, version: version, in: "the answer of \(path)")
        }
    }

    private static let longestAnswer = 64 << 20

    private static func isProgram(_ path: String) -> Bool {
        var status = Glibc.stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
