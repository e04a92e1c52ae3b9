// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux
import SystemPackage

/// The log that the originals' environment variables ask for: lines of `2026-01-31T12:00:00Z [INFO] text`.
///
/// A log that cannot be written is none: it never fails a request, and never writes to where the answer goes.
package struct PluginLog: Sendable {
    package enum Level: Comparable, Sendable, CaseIterable {
        case trace, debug, info, warn, error, critical, off

        /// Written out: asked for the name of a case, Swift looks through all that the program has of protocols, for a
        /// third of a millisecond.
        var name: String {
            switch self {
            case .trace: "trace"
            case .debug: "debug"
            case .info: "info"
            case .warn: "warn"
            case .error: "error"
            case .critical: "critical"
            case .off: "off"
            }
        }
    }

    let level: Level
    let path: String
    /// In bytes: a file that has as much makes room for a new one, and becomes `<file>.1`.
    static let longestFile = 8 << 20

    /// What an unset variable, and a level that nobody knows, stand for.
    private static let defaultLevel = Level.info

    package init(_ origin: AWSOrigin, defaultFile: String, environment: [String: String]) {
        let variables =
            switch origin {
            case .ecs: (level: "ECS_CNI_LOGLEVEL", file: "ECS_CNI_LOG_FILE")
            case .vpc: (level: "VPC_CNI_LOG_LEVEL", file: "VPC_CNI_LOG_FILE")
            }
        let word = environment[variables.level]?.lowercased() ?? ""
        level = Level.allCases.first { $0.name == word } ?? Self.defaultLevel
        let file = environment[variables.file] ?? ""
        path = file.isEmpty ? defaultFile : file
    }

    package func debug(_ message: @autoclosure () -> String) { write(.debug, message) }
    package func info(_ message: @autoclosure () -> String) { write(.info, message) }
    package func warn(_ message: @autoclosure () -> String) { write(.warn, message) }
    package func error(_ message: @autoclosure () -> String) { write(.error, message) }

    private func write(_ level: Level, _ message: () -> String) {
        guard level >= self.level else { return }
        let line = "\(Self.now()) [\(level.name.uppercased())] \(EscapedText.of(message()))\n"
        makeRoom()
        // A pipe that nobody reads must not hold the container up.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY
        guard let file = try? OwnedDescriptor.open(FilePath(path), flags, mode: 0o644), !Self.isAnswer(file) else {
            return
        }
        try? file.writeAll(Array(line.utf8), to: path)
    }

    /// Whether it is where the answer goes, as /dev/stdout is.
    private static func isAnswer(_ file: borrowing OwnedDescriptor) -> Bool {
        var log = stat()
        var answer = stat()
        guard file.withRaw({ fstat($0, &log) }) == 0, fstat(STDOUT_FILENO, &answer) == 0 else { return false }
        return log.st_dev == answer.st_dev && log.st_ino == answer.st_ino
    }

    private func makeRoom() {
        guard let size = Self.size(of: path), size >= Self.longestFile,
            let file = try? OwnedDescriptor.open(FilePath(path), O_RDONLY | O_NONBLOCK)
        else { return }
        // Of several at once one does it, and the others then find a new file.
        guard file.withRaw({ flock($0, LOCK_EX) }) == 0, let size = Self.size(of: path), size >= Self.longestFile else {
            return
        }
        _ = rename(path, path + ".1")
    }

    /// Nil for what is no file of its own.
    private static func size(of path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    private static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
