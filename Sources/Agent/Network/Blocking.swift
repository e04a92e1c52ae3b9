// SPDX-License-Identifier: Apache-2.0
import NIOPosix

/// Where calls wait that hold their thread: into the kernel, for milliseconds. Never on the threads that tasks share.
enum Blocking {
    /// Moving a device waits for the kernel's grace periods, so a few more threads than cores are useful; the kernel
    /// lets only one of them change links at a time anyway.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await pool.runIfActive(body)
    }
}
