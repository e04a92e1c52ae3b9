// SPDX-License-Identifier: Apache-2.0
import NIOCore

extension APIContext {
    /// Does something that is of use only to the one who waits for its answer: it is cancelled when that one has gone.
    ///
    /// One that is only done sending still waits, and the kernel tells the two apart: it hangs up when a connection is
    /// closed for both directions.
    func whileCallerWaits<Result: Sendable>(
        _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        guard let connectionEnd else { return try await body() }
        let work = Blocking.task { try await body() }
        connectionEnd.whenComplete { _ in work.cancel() }
        return try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }
}
