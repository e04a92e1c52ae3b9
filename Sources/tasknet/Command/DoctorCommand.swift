// SPDX-License-Identifier: Apache-2.0

import Addressing
import ArgumentParser
import ControlClient
import ECSAPI
import JSON
import Linux
import SystemPackage
import VPC

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examines this host: kernel, settings, daemon, what stopped tasks left behind.",
        discussion: """
            Changes nothing without --repair. What can be done about a finding stands below it. Best run as root, who sees \
            everything.

            With --repair it has tasknetd compare all networks with the kernel now, and tells what was put right and what \
            not. Where tasknetd does not start because its database is damaged, it takes away what is tasknet's on this \
            host, and puts the database aside, so that the next tasknetd starts empty.

            Ends with 0 when nothing stands in the way of tasks, and with 1 otherwise.
            """)

    @Flag(help: "Put right what differs.")
    var repair = false

    @Flag(help: "With --repair, and without tasknetd: end the tasks that run.")
    var stopTasks = false

    @Option(
        help: ArgumentHelp(
            "With --repair, and without tasknetd: where its database is. (default: as its configuration says)",
            valueName: "path"))
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp("With --repair, and without tasknetd: its configuration.", valueName: "file"))
    var config: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if !repair, stopTasks || stateDirectory != nil || config != nil {
            throw ValidationError("--stop-tasks, --state-directory and --config go with --repair")
        }
    }

    func run() throws {
        if repair { return try runRepair() }
        let findings = Self.findings(client: global.client)
        if global.json {
            Output.json(findings.json)
        } else {
            Output.lines(findings.lines(styled: Terminal.isStyled))
            let problems = findings.count { $0.verdict == .problem }
            Output.line()
            Output.line(problems == 0 ? "Fit." : "\(problems) problem\(problems == 1 ? "" : "s").")
        }
        if !findings.isHealthy { throw ExitCode(CommandStatus.failure.rawValue) }
    }

    private func runRepair() throws {
        let repair: Repair
        do throws(ControlError) {
            repair = try Repair(by: global.client)
        } catch {
            guard error.isAboutReaching else { throw error }
            Output.note("\(error)")
            let status = try StateRepair(
                configuration: config, stateDirectory: stateDirectory, stopsTasks: stopTasks
            ).run()
            if status.code != 0 { throw ExitCode(status.code) }
            return
        }
        if global.json {
            Output.json(try JSONNode(encoding: repair.state))
        } else {
            Output.lines(repair.lines)
        }
        if !repair.isComplete { throw ExitCode(CommandStatus.failure.rawValue) }
    }

    static func findings(client: ControlClient) -> [Finding] {
        var client = client
        client.timeout = .seconds(10)
        let daemon = DaemonChecks(client: client)
        let usesIPv6 = (daemon.subnets ?? []).contains { $0.ipv6CidrBlock != nil }
        let (leftovers, unseen) = Leftovers.onHost(daemon.paths)
        var tasks = daemon.tasks
        // Asked before and after the look at the host: a task that came or went meanwhile is none's leftover.
        if tasks != nil { tasks? += (try? DaemonChecks.tasks(client)) ?? [] }
        let interfaces = daemon.interfaces + ((try? DaemonChecks.interfaces(client)) ?? [])
        let live = Set((tasks ?? []).filter { !$0.isStopped }.map(\.id))
        let sandboxed = Set(interfaces.filter { $0.sandbox != nil }.map(\.networkInterfaceId))
        let taskLinks = leftovers.ownedLinks(live: live, sandboxed: sandboxed).map(\.name)
        var findings = KernelChecks.findings()
        findings += SysctlChecks.findings(usesIPv6: usesIPv6, taskLinks: taskLinks)
        let blocks = (daemon.subnets ?? []).flatMap { [$0.cidrBlock, $0.ipv6CidrBlock].compactMap(\.self) }
        let uplinks = UplinkChecks()
        let cidrBlocks = blocks.compactMap { CIDRBlock($0) }
        let reaching = (daemon.subnets ?? []).filter { $0.route != SubnetRoute.none.rawValue }
            .flatMap { [$0.cidrBlock, $0.ipv6CidrBlock].compactMap { $0.flatMap { CIDRBlock($0)?.family } } }
        findings += uplinks.findings(tasksRun: !taskLinks.isEmpty, families: Set(reaching))
        findings += ForwardChecks.findings(blocks: cidrBlocks, uplink: uplinks.uplinks.first?.name)
        findings += daemon.findings
        if let tasks {
            findings += leftovers.findings(
                live: live, sandboxed: sandboxed, known: Set(tasks.map(\.id)),
                blocks: Set(blocks + leftovers.blocks(of: interfaces)))
        } else {
            findings += leftovers.unjudgedFindings
        }
        return findings + unseen
    }
}

extension ControlError {
    /// Whether nobody was there to answer: a socket that systemd keeps for a daemon that does not start takes connections.
    fileprivate var isAboutReaching: Bool {
        switch self {
        case .unavailable(_, .permissionDenied), .unavailable(_, .notPermitted): false
        case .unavailable, .interrupted, .timedOut: true
        default: false
        }
    }
}
