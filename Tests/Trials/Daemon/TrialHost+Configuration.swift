// SPDX-License-Identifier: Apache-2.0
import SystemPackage

extension TrialHost {
    /// What a reload changes.
    struct Variant: Hashable, Sendable {
        /// Whether there is a third subnet, which nobody uses.
        var hasPassingSubnet = false
        /// How many rules the file's own group has.
        var ruleCount = 1
    }

    /// Its rules are for all that the trial starts: whoever is in it answers to ICMP.
    static let baseGroup = "base"
    /// Stands in the file too, with rules that reloads change.
    static let fileGroup = "file"
    static let firstFilePort = 9000

    func writeConfiguration(
        _ variant: Variant, taskCleanupWait: String = "3h", maximumEvents: Int = 50000
    ) throws {
        let subnets = Self.subnets + (variant.hasPassingSubnet ? [Self.passingSubnet] : [])
        var lines = [
            "stateDirectory: \(stateDirectory)", "taskCleanupWait: \(taskCleanupWait)",
            "maximumEvents: \(maximumEvents)",
            "images: {busybox: \(directory.appending("images/busybox"))}", "subnets:",
        ]
        for (number, subnet) in subnets.enumerated() {
            lines.append(
                "  - {id: \(subnet.id), name: s\(number), cidrBlock: \(subnet.block), ipv6CidrBlock: \"\(subnet.block6)\"}"
            )
        }
        lines += [
            "securityGroups:", "  - name: \(Self.baseGroup)", "    description: answers to any ping",
            "    ipPermissions:",
            "      - {ipProtocol: icmp, fromPort: -1, toPort: -1, ipRanges: [{cidrIp: 0.0.0.0/0}]}",
            "      - {ipProtocol: icmpv6, fromPort: -1, toPort: -1, ipv6Ranges: [{cidrIpv6: \"::/0\"}]}",
            "  - name: \(Self.fileGroup)", "    description: changed by reloads", "    ipPermissions:",
        ]
        for port in Self.firstFilePort..<Self.firstFilePort + variant.ruleCount {
            lines.append(
                "      - {ipProtocol: tcp, fromPort: \(port), toPort: \(port), ipRanges: [{cidrIp: 0.0.0.0/0}]}")
        }
        try Self.write(lines.joined(separator: "\n") + "\n", to: configurationPath)
    }
}
