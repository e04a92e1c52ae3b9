// SPDX-License-Identifier: Apache-2.0

import Addressing
import ArgumentParser
import ControlClient
import ECSAPI
import VPC

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examines this host: kernel, settings, daemon, what stopped tasks left behind.",
        discussion: """
            Changes nothing. What can be done about a finding stands below it. Best run as root, who sees everything.

            Ends with 0 when nothing stands in the way of tasks, and with 1 otherwise.
            """)

    @OptionGroup var global: GlobalOptions

    func run() throws {
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
