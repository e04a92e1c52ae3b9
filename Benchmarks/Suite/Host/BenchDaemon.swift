// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Glibc
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
        let directory = try host.directory("daemon")
        socketPath = directory.appending("run/tasknet.sock").string
        let configuration = """
            stateDirectory: \(directory.appending("state"))
            runtimeDirectory: \(directory.appending("run"))
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

    func start(environment: [String] = []) throws {
        let start = try process.start(environment: ["TASKNET_LOG_LEVEL=warning"] + environment)
        guard start == .ready else {
            throw BenchFailure("tasknetd did not start (\(start)):\n\(logTail)")
        }
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
