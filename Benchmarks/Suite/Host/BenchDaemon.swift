// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Foundation
import Glibc
import JSON
import Linux
import SystemPackage
import UnderTest
import VPC

/// A tasknetd of the benchmark's own, in the benchmark's own host.
final class BenchDaemon: Sendable {
    static let subnet = "subnet-0a400000100000000"

    let socketPath: String
    private let process: DaemonProcess

    init(_ host: BenchHost) throws {
        // Of an earlier one nothing is known.
        let directory = try host.emptyDirectory("daemon")
        let runtime = BenchHost.runtimeDirectory
        try? FileManager.default.removeItem(atPath: runtime.string)
        socketPath = runtime.appending("tasknet.sock").string
        let configuration = """
            stateDirectory: \(directory.appending("state"))
            runtimeDirectory: \(runtime)
            subnets:
              - {id: \(Self.subnet), name: bench, cidrBlock: 10.64.0.0/16}
            """
        process = DaemonProcess(
            programs: host.programs, configuration: try host.write(configuration + "\n", to: "tasknet.yaml"),
            log: directory.appending("log"), readySocket: directory.appending("notify"))
    }

    var client: ControlClient { ControlClient(socketPath: socketPath, timeout: .seconds(120)) }

    var pid: CInt {
        get throws {
            guard let pid = process.pid else { throw BenchFailure("tasknetd does not run") }
            return pid
        }
    }

    private static let environment = ["TASKNET_LOG_LEVEL=warning"]

    /// - Parameter environment: what is to be configured otherwise, "TASKNET_KEY=value".
    func start(environment: [String] = []) throws {
        let start = try process.start(environment: Self.environment + environment)
        guard start == .ready else {
            throw BenchFailure("tasknetd did not start (\(start)):\n\(logTail)")
        }
    }

    /// Starts it, without waiting.
    /// - Returns: where it says that it is ready; to be kept until then.
    func launch() throws -> ReadySocket {
        try process.launch(environment: Self.environment).intoSocket()
    }

    /// Asks again and again until there is an answer.
    func untilAnswered(_ ask: () throws -> Void) throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while true {
            do {
                return try ask()
            } catch let error as ControlError {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(2000)
            }
        }
    }

    /// Asks for an operation that not every tasknetd has.
    /// - Returns: nil where it has not.
    func send(_ operation: String, _ input: JSONNode) throws -> JSONNode? {
        do {
            return try JSONParser.parse(
                try client.send(target: "TaskNetwork.\(operation)", body: Array(input.compactText.utf8)))
        } catch ControlError.refused(_, let refusal) where refusal.type == "UnknownOperationException" {
            return nil
        }
    }

    /// Ends it as systemd does.
    func stop() throws {
        let status = try process.end(SIGTERM)
        guard status == .exited(0) else { throw BenchFailure("tasknetd ended with \(status.map { "\($0)" } ?? "-")") }
    }

    func end() {
        // What it manages goes with the host.
        _ = try? process.end(SIGTERM)
    }

    var logTail: String {
        let text = (try? TextFile.read(process.log)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
