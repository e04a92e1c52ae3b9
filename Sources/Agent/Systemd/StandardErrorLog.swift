// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
package import Logging
import Synchronization

/// Log lines on standard error: for the journal with the priority in front that `sd-daemon(3)` describes, for people with
/// the time and the level.
package struct StandardErrorLog: LogHandler {
    package enum Style: Sendable {
        case journal
        case readable

        /// systemd names the journal's stream where it is standard error.
        package init(environment: [String: String]) {
            var status = stat()
            let stream = environment["JOURNAL_STREAM"]
            let isJournal = fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
            self = isJournal ? .journal : .readable
        }
    }

    /// The level of all loggers, which a reload of the configuration may change.
    package static let level = Level()

    package final class Level: Sendable {
        private let state = Mutex<Logger.Level>(.info)

        package var current: Logger.Level {
            get { state.withLock { $0 } }
            set { state.withLock { $0 = newValue } }
        }
    }

    private let label: String
    private let style: Style
    private let write: @Sendable (String) -> Void
    /// Set where one logger was given a level of its own.
    private var ownLevel: Logger.Level?

    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    package var logLevel: Logger.Level {
        get { ownLevel ?? Self.level.current }
        set { ownLevel = newValue }
    }

    package init(label: String, style: Style, write: @escaping @Sendable (String) -> Void = Self.writeToStandardError) {
        self.label = label
        self.style = style
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        all.merge(metadataProvider?.get() ?? [:]) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { all["error"] = "\(error)" }
        var text = "\(label): \(event.message)"
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(Self.quoted("\(value)"))" }
        write(lines(text, level: event.level))
    }

    private func lines(_ text: String, level: Logger.Level) -> String {
        switch style {
        case .journal:
            // Each line is an entry of its own there.
            text.split(whereSeparator: \.isNewline).map { "<\(level.priority)>\($0)\n" }.joined()
        case .readable:
            "\(Date.now.formatted(Self.timeFormat)) \(level.rawValue) "
                + text.split(whereSeparator: \.isNewline).joined(separator: "\n    ") + "\n"
        }
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// As in logfmt: quotes only where a reader could lose the end of the value.
    private static func quoted(_ value: String) -> String {
        let needsQuotes = value.isEmpty || value.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
        guard needsQuotes else { return value }
        return "\""
            + value.reduce(into: "") { text, character in
                switch character {
                case "\"", "\\": text += "\\\(character)"
                case "\n": text += "\\n"
                default: text.append(character)
                }
            } + "\""
    }

    /// In one write, so that lines of several threads stay whole.
    package static let writeToStandardError: @Sendable (String) -> Void = { text in
        var text = text
        text.withUTF8 { bytes in
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}

extension Logger.Level {
    /// syslog(3)'s.
    fileprivate var priority: Int32 {
        switch self {
        case .trace, .debug: LOG_DEBUG
        case .info: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        case .error: LOG_ERR
        case .critical: LOG_CRIT
        }
    }
}
