// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import VPC

/// Notes the daemon's own start and end, and forgets events that are older than the configuration says.
///
/// It sleeps until the oldest event is due and somewhat longer, so that many go at once; where there is none, until one
/// comes. How many there are at most is seen to where they are appended.
struct EventHistory: AgentPart {
    private let context: AgentContext
    private let log: Logger
    /// When the configuration has changed.
    private let wakes = Wakes()

    init(_ context: AgentContext) {
        self.context = context
        log = context.logger(for: "events")
    }

    private var store: Store { context.store }
    private var keptFor: Duration { context.configuration.value.eventRetention }

    func prepare() async throws {
        store.eventFeed.maximum = context.configuration.value.maximumEvents
        let boot = context.boot
        await note { store in
            if case .rebooted = boot { try store.append(EventRecord(.host, subject: "host", to: "REBOOTED")) }
            try store.recordStart(of: agentVersion)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await forgetExpired()
                } catch is CancellationError {
                    return
                } catch {
                    log.error("old events stay for now", metadata: ["error": "\(error)"])
                    await wakes.sleep(atMost: Self.pauseAfterError)
                }
            }
        }
        let cause = context.stopsTasksAtEnd ? "with its tasks" : nil
        await note { try $0.recordEnd(cause: cause) }
    }

    func configurationChanged(_ difference: ConfigurationDifference) async {
        store.eventFeed.maximum = context.configuration.value.maximumEvents
        wakes.wake()
    }

    private static let pauseAfterError = Duration.seconds(30)

    /// Forgets what is due, and waits until there may be more.
    private func forgetExpired() async throws {
        let following = store.eventFeed.follow()
        defer { following.end() }
        let now = Timestamp.now().millisecondsSince1970
        let limit = Timestamp(millisecondsSince1970: now - Int64(keptFor / .milliseconds(1)))
        let oldest = try await store.read { try $0.oldestEvent() }
        guard let oldest else {
            for await _ in following.commits { break }
            return
        }
        if oldest.time < limit {
            try await store.write { try $0.deleteEvents(before: limit) }
        } else {
            let age = Duration.milliseconds(oldest.time.millisecondsSince1970 - limit.millisecondsSince1970)
            await wakes.sleep(atMost: age + min(keptFor / 16, .seconds(600)) + .milliseconds(1))
        }
    }

    /// The daemon does its work also where nothing can be written of it (a full disk).
    private func note(_ body: @Sendable @escaping (StoreTransaction) throws -> Void) async {
        do {
            try await store.write { try body($0) }
        } catch {
            log.error("an event is not in the list", metadata: ["error": "\(error)"])
        }
    }
}

extension StoreTransaction {
    private static let version = "version"
    private static let run = "run"

    /// Which version's daemon was the last that started.
    func versionBefore() throws -> String? { try metadata(Self.version) }

    /// Notes that a daemon has started, and how the one before it ended.
    func recordStart(of version: String) throws {
        var causes = ["version \(version)"]
        if let before = try versionBefore(), before != version { causes.append("the one before was \(before)") }
        if try metadata(Self.run) == "started" { causes.append("the one before did not end in order") }
        try setMetadata(Self.version, version)
        try setMetadata(Self.run, "started")
        try append(
            EventRecord(.host, subject: "tasknetd", to: "STARTED", cause: causes.joined(separator: "; ")))
    }

    func recordEnd(cause: String?) throws {
        try setMetadata(Self.run, "ended")
        try append(EventRecord(.host, subject: "tasknetd", from: "STARTED", to: "ENDED", cause: cause))
    }
}
