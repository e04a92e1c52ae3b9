// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import Glibc
import JSON
import Linux
import SystemPackage
import VPC

/// Whether the daemon answers, and what it says.
struct DaemonChecks {
    static let area = "daemon"

    var findings: [Finding] = []
    var paths: HostPaths
    /// Nil when the daemon did not tell.
    var subnets: [SubnetDescription]?
    var tasks: [ECSTask]?
    var interfaces: [NetworkInterfaceDescription] = []

    init(client: ControlClient) {
        paths = HostPaths(socketPath: client.socketPath)
        do throws(ControlError) {
            let begin = ContinuousClock.now
            paths = try HostPaths(askedBy: client)
            let took = begin.duration(to: .now)
            let version = paths.version.map { " \(EscapedText.of($0))" } ?? ""
            findings.append(
                Finding(
                    Self.area, .ok, "tasknetd\(version) answers at \(client.socketPath) (\(Self.milliseconds(took)))"))
            if let version = paths.version, version != ProgramVersion.text {
                findings.append(
                    Finding(
                        Self.area, .note,
                        "tasknetd is of version \(EscapedText.of(version)), tasknet of \(ProgramVersion.text)",
                        mend: "install both anew, then systemctl restart tasknetd"))
            }
            if let refusal = paths.reloadRefusal { findings.append(Self.reloadFinding(refusal)) }
            try ask(client)
        } catch {
            findings.append(Self.finding(error))
        }
        findings.append(pauseExecutable())
    }

    /// An older daemon does not know the operation.
    private static func packetFilterFindings(_ client: ControlClient) throws(ControlError) -> [Finding] {
        do {
            return packetFilterFindings(try client.call(TaskNetworkAPI.DescribePacketFilter.self, .init()).drift)
        } catch {
            if case .refused(_, let refusal) = error {
                if refusal.type == "UnknownOperationException" { return [] }
                return [Finding(area, .unknown, "the packet filter cannot be read: \(EscapedText.of(refusal.message))")]
            }
            throw error
        }
    }

    static func packetFilterFindings(_ drift: [String]) -> [Finding] {
        guard let first = drift.first else {
            return [Finding(area, .ok, "security groups are in the packet filter as they are described")]
        }
        let more = drift.count > 1 ? ", and \(drift.count - 1) more" : ""
        return [
            Finding(
                area, .problem,
                "security groups are not in the packet filter as they are described: \(EscapedText.of(first))\(more)",
                mend: """
                    systemctl reload tasknetd makes it anew; its log names the program that changed it: have that \
                    leave the tables tasknet alone (no "flush ruleset")
                    """)
        ]
    }

    private mutating func ask(_ client: ControlClient) throws(ControlError) {
        let subnets = try client.call(TaskNetworkAPI.ListSubnets.self, .init()).subnets ?? []
        self.subnets = subnets
        findings += Self.subnetFindings(subnets)
        let tasks = try Self.tasks(client)
        self.tasks = tasks
        let running = tasks.count { !$0.isStopped }
        findings.append(Finding(Self.area, .ok, "\(running) task\(running == 1 ? "" : "s") not stopped"))
        interfaces = try Self.interfaces(client)
        let sandboxed = interfaces.count { $0.sandbox != nil }
        if sandboxed > 0 {
            findings.append(Finding(Self.area, .ok, "\(sandboxed) ENI\(sandboxed == 1 ? "" : "s") in sandboxes"))
        }
        findings += try Self.packetFilterFindings(client)
        if let state = try ReconciliationChecks.ask(client) {
            findings += ReconciliationChecks.findings(state, now: .now())
        }
        findings += try WarmPoolChecks.findings(client)
    }

    static func reloadFinding(_ refusal: String) -> Finding {
        Finding(
            area, .problem,
            "the configuration was not reloaded: \(EscapedText.of(refusal)); what was before still holds",
            mend: "correct the configuration, then systemctl reload tasknetd")
    }

    /// The ENIs of all tasks and sandboxes.
    static func interfaces(_ client: ControlClient) throws(ControlError) -> [NetworkInterfaceDescription] {
        var interfaces: [NetworkInterfaceDescription] = []
        var input = TaskNetworkAPI.ListNetworkInterfaces.Input()
        repeat {
            let page = try client.call(TaskNetworkAPI.ListNetworkInterfaces.self, input)
            interfaces += page.networkInterfaces ?? []
            input.nextToken = page.nextToken
        } while input.nextToken != nil
        return interfaces
    }

    /// All tasks of all clusters.
    static func tasks(_ client: ControlClient) throws(ControlError) -> [ECSTask] {
        var tasks: [ECSTask] = []
        for arn in try client.call(ListClusters.self, .init()).clusterArns ?? [] {
            let catalog = TaskCatalog(client: client, cluster: TaskIndex.id(of: arn))
            tasks += try catalog.tasks(try catalog.arns([.running, .stopped]))
        }
        return tasks
    }

    static func subnetFindings(_ subnets: [SubnetDescription]) -> [Finding] {
        if subnets.isEmpty {
            return [
                Finding(
                    area, .problem, "there are no subnets: no task can run",
                    mend: "add one to subnets in /etc/tasknet/tasknet.yaml, then systemctl reload tasknetd")
            ]
        }
        return subnets.compactMap { subnet in
            let free = [subnet.availableIpAddressCount, subnet.availableIpv6AddressCount].compactMap(\.self)
            guard let least = free.min(), least < 5 else { return nil }
            return Finding(
                area, least == 0 ? .problem : .note,
                "subnet \(EscapedText.of(subnet.name)) has \(least == 0 ? "no" : "only \(least)") free addresses",
                mend: "stop tasks in it, or add a larger subnet to the configuration")
        }
    }

    private static func finding(_ error: ControlError) -> Finding {
        Finding(area, CommandFailure(error).status == .notPermitted ? .unknown : .problem, error.description)
    }

    /// Told by the daemon, or where installations put it.
    private func pauseExecutable() -> Finding {
        let places = paths.pauseExecutable.map { [$0] } ?? ProgramPlaces.of("tasknet-pause")
        guard let found = places.first(where: { access($0.string, X_OK) == 0 }) else {
            let looked = places.map(\.string).joined(separator: ", ")
            return Finding(
                Self.area, .problem, "tasknet-pause, which every task needs, is not there (looked at: \(looked))",
                mend: "scripts/install puts it in place; another place is named by pauseExecutable in the configuration"
            )
        }
        return Finding(Self.area, .ok, "tasknet-pause is there: \(found)")
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        return "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
    }
}
