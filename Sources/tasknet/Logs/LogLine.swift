// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// One entry of a `json-file` log, as Docker writes it.
struct LogLine: Equatable, Sendable {
    /// What the container wrote, with its line end; a very long line comes as several entries.
    var text: String
    var isError: Bool
    /// As it stands in the file.
    var timestamp: String
    var time: LogTime?

    private struct Form: Decodable {
        var log: String
        var stream: String?
        var time: String?
    }

    /// Nil for what is no entry (a line that was torn by a crash).
    init?(_ bytes: [UInt8]) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(bytes)) else { return nil }
        text = form.log
        isError = form.stream == "stderr"
        timestamp = form.time ?? ""
        time = LogTime(timestamp)
    }
}
