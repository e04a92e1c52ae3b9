// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import SystemPackage
import Testing
import UnixSignals

@testable import Agent

/// What happened, in its order.
private final class Diary: Sendable {
    private let state = Mutex<[String]>([])
    var entries: [String] { state.withLock { $0 } }
    func note(_ entry: String) { state.withLock { $0.append(entry) } }
}

private struct NotedPart: AgentPart {
    struct Failure: Error {}

    let name: String
    let diary: Diary
    var failsToPrepare = false

    func prepare() async throws {
        diary.note("\(name) prepared")
        if failsToPrepare { throw Failure() }
    }

    func register(in dispatcher: inout APIDispatcher) {
        diary.note("\(name) registered")
        if name == "a" { dispatcher.register(Echo.self) { input, _ in Echo.Output(text: input.text) } }
    }

    func configurationChanged(_ difference: ConfigurationDifference) async {
        diary.note("\(name) told of \(difference.live.map(\.key.rawValue).joined(separator: ","))")
    }

    func mend() async -> String? { "\(name) is mended" }

    func run() async throws {
        try? await gracefulShutdown()
        diary.note("\(name) ended")
    }
}

@Suite("Daemon")
struct AgentTests {
    private let directory: TemporaryDirectory
    private let configuration: AgentConfiguration
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let diary = Diary()

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = AgentConfiguration()
        configuration.stateDirectory = directory.path.appending("state")
        configuration.runtimeDirectory = directory.path.appending("run")
        configuration.controlSocket.group = "no-such-group-here"
        self.configuration = configuration
    }

    private func agent(
        _ environment: [String: String] = [:], stateDirectory: String = "state"
    ) async throws -> Agent {
        var changed = self.configuration
        changed.stateDirectory = directory.path.appending(stateDirectory)
        let configuration = changed
        return try await Agent(configuration, environment: environment, logger: logger) {
            AgentConfiguration.Loaded(configuration: configuration, sources: [:], warnings: [])
        }
    }

    private var socketPath: FilePath { configuration.controlSocketPath }

    @Test("Parts are prepared, registered and run, systemd hears of it, and all end in reverse")
    func order() async throws {
        let systemd = try NotifySocket("@tasknet-test-\(UUID().uuidString)")
        let environment = ["NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "3600000000"]
        let agent = try await agent(environment)
        #expect(agent.context.boot == .first)
        let parts = ["a", "b"].map { NotedPart(name: $0, diary: diary) }
        let services = try await agent.services(parts, signals: [])
        #expect(diary.entries == ["a prepared", "b prepared", "a registered", "b registered"])
        let path = socketPath
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let heard = try await blocking { Set([systemd.next(), systemd.next()]) }
            #expect(heard == ["READY=1\nSTATUS=Ready", "WATCHDOG=1"])
            let answer = try await blocking {
                let client = try UnixClient(connectingTo: path)
                try client.send(UnixClient.post("Test.Echo", #"{"text": "hello"}"#))
                return client.readResponse()?.body
            }
            #expect(answer == #"{"text":"hello"}"#)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
        let last = try await blocking { systemd.next() }
        #expect(last == "STOPPING=1\nSTATUS=Stopping")
        #expect(diary.entries.suffix(2) == ["b ended", "a ended"])
        #expect(!FileManager.default.fileExists(atPath: path.string))
    }

    @Test("A part that cannot be prepared ends the start, and leaves no socket")
    func failedStart() async throws {
        let agent = try await agent()
        let parts = [NotedPart(name: "a", diary: diary, failsToPrepare: true), NotedPart(name: "b", diary: diary)]
        await #expect(throws: NotedPart.Failure.self) { try await agent.run(parts) }
        #expect(diary.entries == ["a prepared"])
        #expect(!FileManager.default.fileExists(atPath: socketPath.string))
    }

    @Test("A second daemon is refused by the state, and one with another state by the socket")
    func second() async throws {
        let first = try await agent()
        await #expect(throws: StoreError.inUse(directory: configuration.stateDirectory.string, processID: getpid())) {
            _ = try await agent()
        }
        let path = socketPath.string
        await #expect(throws: ControlSocket.Failure.alreadyServed(path: path, processID: getpid())) {
            _ = try await agent(stateDirectory: "other")
        }
        withExtendedLifetime(first) {}
    }

    @Test("A reload takes what can be taken, tells the parts, and a faulty configuration changes nothing")
    func reload() async throws {
        let agent = try await agent()
        let text = Mutex("mtu: 1400\ncluster: other")
        let old = agent.context.configuration.value
        let none = await UnixSignalsSequence(trapping: [])
        let reload = ConfigurationReload(
            context: agent.context, parts: [NotedPart(name: "a", diary: diary)], hangups: none
        ) {
            try AgentConfiguration.load(
                text: text.withLock { $0 },
                commandLine: [
                    .stateDirectory: old.stateDirectory.string, .runtimeDirectory: old.runtimeDirectory.string,
                    .controlSocketGroup: old.controlSocket.group,
                ])
        }
        var outcome = await reload.reload()
        #expect(outcome == "Reloaded: 1 changed, a restart is needed for cluster")
        #expect(agent.context.configuration.value.mtu == 1400)
        #expect(agent.context.configuration.value.cluster == "default")
        #expect(diary.entries == ["a told of mtu"])
        text.withLock { $0 = "mtu: x" }
        outcome = await reload.reload()
        #expect(outcome.hasPrefix("Not reloaded: configuration: "))
        #expect(agent.context.configuration.value.mtu == 1400)
        text.withLock { $0 = "mtu: 1400" }
        outcome = await reload.reload()
        #expect(outcome == "Reloaded: nothing has changed, a is mended")
    }
}

@Suite("Privileges")
struct PrivilegesTests {
    private func status(userID: Int, effective: String) -> String {
        "Name:\tx\nUid:\t1000\t\(userID)\t0\t0\nCapEff:\t\(effective)\n"
    }

    @Test("All capabilities are enough")
    func root() throws {
        try Privileges.check(status: status(userID: 0, effective: "000001ffffffffff"))
    }

    @Test("What is missing is named, with how to get it")
    func missing() {
        let ordinary = #expect(throws: Privileges.Missing.self) {
            try Privileges.check(status: status(userID: 1000, effective: "0000000000000000"))
        }
        #expect(ordinary?.description.hasPrefix("tasknetd must run as root (it needs CAP_CHOWN, ") == true)
        let confined = #expect(throws: Privileges.Missing.self) {
            try Privileges.check(status: status(userID: 0, effective: "000001ffffffefff"))
        }
        #expect(confined?.capabilities == ["CAP_NET_ADMIN"])
        #expect(confined?.description.contains("CapabilityBoundingSet=") == true)
    }
}
