// SPDX-License-Identifier: Apache-2.0
import Linux

/// Commands run in containers (health checks), from their start to their end. The end may be told before anybody waits
/// for it.
struct RunningCommands {
    private var ends: [String: ExitStatus?] = [:]
    private var waiting: [String: CheckedContinuation<ExitStatus?, Never>] = [:]
    private var known: Set<String> = []

    mutating func begin(_ name: String) { known.insert(name) }

    mutating func ended(_ name: String, _ status: ExitStatus?) {
        guard known.contains(name) else { return }
        if let continuation = waiting.removeValue(forKey: name) {
            known.remove(name)
            continuation.resume(returning: status)
        } else {
            ends[name] = .some(status)
        }
    }

    /// Resumes with the command's exit status, or nil when it can no longer be known.
    mutating func wait(for name: String, _ continuation: CheckedContinuation<ExitStatus?, Never>) {
        if let status = ends.removeValue(forKey: name) {
            known.remove(name)
            continuation.resume(returning: status)
        } else if known.contains(name) {
            waiting[name] = continuation
        } else {
            continuation.resume(returning: nil)
        }
    }

    /// Nobody will tell any more.
    mutating func abandon() {
        for continuation in waiting.values { continuation.resume(returning: nil) }
        self = RunningCommands()
    }
}
