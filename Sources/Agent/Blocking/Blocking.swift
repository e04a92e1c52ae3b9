// SPDX-License-Identifier: Apache-2.0
import NIOPosix

/// Where calls wait that hold their thread: into the kernel, or for the disk, for milliseconds. Never on the threads that
/// all tasks share.
enum Blocking {
    /// Moving a device waits for the kernel's grace periods, so a few more threads than cores are useful; the kernel
    /// lets only one of them change links at a time anyway.
    static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 8)
        pool.start()
        return pool
    }()

    /// Whether the thread that runs this may be held.
    static var isAllowed: Bool { BlockingExecutor.isCurrent }

    /// Runs what holds its thread: here, where that is allowed, or on a thread for it.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        if isAllowed { return try body() }
        return try await pool.runIfActive(body)
    }

    /// Runs something of many steps, most of which would hold their threads or have to be waited for, on one thread from
    /// one step to the next: a step is a tenth of what waking another thread for it costs.
    ///
    /// Tasks that are made in it with `task` stay there, too.
    static func inOnePlace<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async -> Result
    ) async -> Result {
        if BlockingExecutor.ofTask != nil { return await body() }
        let executor = BlockingExecutor()
        return await BlockingExecutor.$ofTask.withValue(executor) {
            await withTaskExecutorPreference(executor) { await body() }
        }
    }

    /// A task of its own, which runs in one place: where its maker does, or in a new one.
    @discardableResult
    static func task<Result: Sendable>(
        _ body: @escaping @Sendable @isolated(any) () async -> Result
    ) -> Task<Result, Never> {
        let executor = BlockingExecutor.ofTask ?? BlockingExecutor()
        return BlockingExecutor.$ofTask.withValue(executor) { Task(executorPreference: executor, operation: body) }
    }

    static func task<Result: Sendable>(
        _ body: @escaping @Sendable @isolated(any) () async throws -> Result
    ) -> Task<Result, any Error> {
        let executor = BlockingExecutor.ofTask ?? BlockingExecutor()
        return BlockingExecutor.$ofTask.withValue(executor) { Task(executorPreference: executor, operation: body) }
    }
}
