// SPDX-License-Identifier: Apache-2.0
import ECSAPI

/// The RunTask calls with a client token that are under way: a caller that asks again before it was answered waits for
/// the same answer.
actor RunTaskCalls {
    private var calls: [String: Task<RunTask.Output, any Error>] = [:]

    /// Runs the body, unless it runs for this token already. It runs to its end even when all callers have gone.
    func once(
        _ token: String, _ body: @Sendable @escaping () async throws -> RunTask.Output
    ) async throws -> RunTask.Output {
        if let call = calls[token] { return try await call.value }
        let call = Blocking.task { try await body() }
        calls[token] = call
        defer { calls[token] = nil }
        return try await call.value
    }
}
