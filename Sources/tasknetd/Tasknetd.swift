// SPDX-License-Identifier: Apache-2.0
import Agent
import ArgumentParser
import Glibc
import Logging
import SystemPackage

@main
struct Tasknetd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasknetd",
        abstract: "Runs ECS tasks on this host, each with its own network identity.",
        discussion: """
            Serves the ECS API on a unix socket. Settings come from the options below, from TASKNET_* variables, from the \
            ECS agent's own variables (ECS_CLUSTER, ...) and from the configuration file, in this order.

            SIGHUP reloads the configuration. SIGTERM and SIGINT end the daemon; running tasks go on without it, and the \
            next one takes them over.

            Exit codes: 0 ended as told, 1 failed, 64 wrong usage, 75 another daemon has the state directory or the \
            control socket, 77 not allowed to do its work, 78 a configuration or a state that cannot be used.
            """,
        version: agentVersion)

    @Option(help: ArgumentHelp("The configuration, YAML or JSON.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Where the database and the logs are.", valueName: "path"))
    var stateDirectory: String?

    @Option(help: ArgumentHelp("Where sockets and what else a reboot ends are.", valueName: "path"))
    var runtimeDirectory: String?

    @Option(help: ArgumentHelp("The socket to serve the API on.", valueName: "path"))
    var controlSocket: String?

    @Flag(help: "End the tasks with the daemon.")
    var stopTasks = false

    @Flag(help: "Only check the configuration and print it.")
    var checkConfig = false

    #if DEBUG
        @Flag(help: ArgumentHelp("Print the values that TASKNET_FAULT_POINT can have.", visibility: .hidden))
        var faultPoints = false
    #endif

    @Flag(
        help: """
            Only look at the database and say whether a daemon can start from it: 0 it can, 65 it is damaged, 75 a daemon \
            has it, 76 it is a newer tasknetd's, 78 it is another program's, 1 it cannot be looked at.
            """)
    var checkState = false

    @Flag(
        help: """
            Where the database is damaged: take away what is tasknet's on this host, and put the database aside. Refused \
            while tasks or sandboxes run, unless --stop-tasks is given.
            """)
    var repairState = false

    /// sysexits.h: try again later, because it may be about to end.
    private static let alreadyRunning = ExitCode(75)
    private static let notPermitted = ExitCode(77)
    private static let badConfiguration = ExitCode(78)

    func run() async throws {
        #if DEBUG
            if faultPoints { return print(FaultPoints.all.joined(separator: "\n")) }
        #endif
        let environment = Environment.current
        let style = StandardErrorLog.Style(environment: environment)
        LoggingSystem.bootstrap { StandardErrorLog(label: $0, style: style) }
        let logger = Logger(label: "tasknetd")
        // Not before the daemon can answer them.
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let load = loader(environment)
        do {
            let loaded = try load()
            if checkConfig { return printSettings(of: loaded) }
            if checkState { return try checkState(loaded.configuration) }
            if repairState { return try await repairState(loaded.configuration) }
            StandardErrorLog.level.current = loaded.configuration.logLevel
            for warning in loaded.warnings { logger.warning("\(warning)") }
            try Privileges.check()
            let agent = try await Agent(
                loaded.configuration, environment: environment, stopsTasks: stopTasks, logger: logger, reload: load)
            try await agent.run(Agent.parts(of: agent.context))
        } catch let code as ExitCode {
            throw code
        } catch {
            logger.critical("\(error)")
            throw Self.exitCode(of: error)
        }
    }

    private func loader(_ environment: [String: String]) -> @Sendable () throws -> AgentConfiguration.Loaded {
        let options: [(ConfigurationKey, String?)] = [
            (.stateDirectory, stateDirectory), (.runtimeDirectory, runtimeDirectory),
            (.controlSocketPath, controlSocket),
        ]
        let commandLine = Dictionary(uniqueKeysWithValues: options.compactMap { key, text in text.map { (key, $0) } })
        let file = config.map { FilePath($0) }
        return {
            try AgentConfiguration.load(file: file, commandLine: commandLine, environment: environment)
        }
    }

    private func printSettings(of loaded: AgentConfiguration.Loaded) {
        for warning in loaded.warnings { print("warning: \(warning)") }
        print("file: \(loaded.file?.string ?? "none")")
        for (key, text) in loaded.configuration.settings {
            print("\(key.rawValue): \(text)" + (loaded.sources[key].map { "  (\($0))" } ?? ""))
        }
    }

    private func checkState(_ configuration: AgentConfiguration) throws {
        let condition = StateCondition(ofDirectory: configuration.stateDirectory)
        print(condition)
        if let code = condition.exitCode { throw code }
    }

    private func repairState(_ configuration: AgentConfiguration) async throws {
        try Privileges.check()
        let repair = StateRepair(configuration, stopsTasks: stopTasks) { print($0) }
        try await repair.run()
    }

    private static func exitCode(of error: any Error) -> ExitCode {
        switch error {
        case is ConfigurationError: badConfiguration
        case is Privileges.Missing: notPermitted
        // The next start would only meet the same.
        case StoreError.newer, StoreError.damaged, StoreError.foreign: badConfiguration
        case StoreError.inUse, ControlSocket.Failure.alreadyServed: alreadyRunning
        default: .failure
        }
    }
}

extension StateCondition {
    /// sysexits.h; nil where a daemon can start.
    fileprivate var exitCode: ExitCode? {
        switch self {
        case .fit, .absent: nil
        case .damaged: ExitCode(65)
        case .unfit(.inUse): ExitCode(75)
        case .unfit(.newer): ExitCode(76)
        case .unfit(.foreign): ExitCode(78)
        case .unfit: .failure
        }
    }
}
