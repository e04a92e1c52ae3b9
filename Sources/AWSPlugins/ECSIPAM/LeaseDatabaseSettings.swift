// SPDX-License-Identifier: Apache-2.0
import CNI
import JSON
import Linux

/// Where the addresses are kept, by the original's environment variables.
struct LeaseDatabaseSettings {
    static let pathVariable = "IPAM_DB_PATH"
    static let timeoutVariable = "IPAM_DB_CONNECTION_TIMEOUT"

    var path = "/data/eni-ipam.db"
    /// How long to wait for others. 0 is for ever, as the original has it.
    var timeout = Duration.seconds(5)

    /// - Throws: code 4, naming the variable.
    init(_ environment: [String: String]) throws(CNIError) {
        func value(_ variable: String) -> String? {
            environment[variable].flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
        }
        if let path = value(Self.pathVariable) { self.path = path }
        guard let text = value(Self.timeoutVariable) else { return }
        guard let timeout = GoDuration.parse(text) else {
            throw CNIError(
                .invalidEnvironment, "invalid \(Self.timeoutVariable) \(EscapedText.quoted(text.utf8))",
                details: "it has to be a duration, as 5s or 500ms; 0 waits for ever")
        }
        self.timeout = timeout
    }

    /// What one step waits at most.
    var patience: Duration { timeout == .zero ? .seconds(24 * 3600) : timeout }
}
