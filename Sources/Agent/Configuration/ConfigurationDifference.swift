// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import VPC

/// What a reloaded configuration changes.
package struct ConfigurationDifference: Sendable, Equatable {
    package struct Change: Sendable, Equatable, CustomStringConvertible {
        package var key: ConfigurationKey
        package var from: String
        package var to: String

        package var description: String { "\(key.rawValue): \(from) → \(to)" }
    }

    /// Taken at once, for everything that happens from then on.
    package var live: [Change] = []
    /// Taken at the next start of the daemon.
    package var needsRestart: [Change] = []

    package var isEmpty: Bool { live.isEmpty && needsRestart.isEmpty }
}

extension AgentConfiguration {
    package func difference(to new: AgentConfiguration) -> ConfigurationDifference {
        var difference = ConfigurationDifference()
        for field in Self.fields where !field.isEqual(self, new) {
            let change = ConfigurationDifference.Change(
                key: field.key, from: field.text(self), to: field.text(new))
            if field.key.appliesLive { difference.live.append(change) } else { difference.needsRestart.append(change) }
        }
        return difference
    }

    /// This configuration with those of the new one's values that a running daemon can take.
    package func applyingLiveChanges(of new: AgentConfiguration) -> AgentConfiguration {
        var result = self
        for field in Self.fields where field.key.appliesLive { field.copy(new, &result) }
        return result
    }

    /// Every key with its value as text, for `--check-config` and the log.
    package var settings: [(key: ConfigurationKey, text: String)] { Self.fields.map { ($0.key, $0.text(self)) } }

    private struct Field: Sendable {
        let key: ConfigurationKey
        let isEqual: @Sendable (AgentConfiguration, AgentConfiguration) -> Bool
        let text: @Sendable (AgentConfiguration) -> String
        let copy: @Sendable (AgentConfiguration, inout AgentConfiguration) -> Void

        init<Value: Equatable & Sendable>(
            _ key: ConfigurationKey, _ path: any WritableKeyPath<AgentConfiguration, Value> & Sendable,
            _ text: @escaping @Sendable (Value) -> String = { "\($0)" }
        ) {
            self.init(key, path, inWhole: { text($0[keyPath: path]) })
        }

        /// - Parameter inWhole: the text of a value that follows from others where it is not set.
        init<Value: Equatable & Sendable>(
            _ key: ConfigurationKey, _ path: any WritableKeyPath<AgentConfiguration, Value> & Sendable,
            inWhole text: @escaping @Sendable (AgentConfiguration) -> String
        ) {
            self.key = key
            isEqual = { $0[keyPath: path] == $1[keyPath: path] }
            self.text = text
            copy = { $1[keyPath: path] = $0[keyPath: path] }
        }
    }

    private static let fields: [Field] = [
        Field(.cluster, \.cluster),
        Field(.region, \.region),
        Field(.accountID, \.accountID),
        Field(.availabilityZone, \.availabilityZoneName, inWhole: \.availabilityZone),
        Field(.stateDirectory, \.stateDirectory),
        Field(.runtimeDirectory, \.runtimeDirectory),
        Field(.namespaceDirectory, \.namespaceDirectory),
        Field(.controlSocketPath, \.controlSocket.path, inWhole: { $0.controlSocketPath.string }),
        Field(.controlSocketGroup, \.controlSocket.group),
        Field(.controlSocketMode, \.controlSocket.mode) { "0" + String($0.rawValue, radix: 8) },
        Field(.pauseExecutable, \.pauseExecutable) { $0?.string ?? "beside the daemon's" },
        Field(.logLevel, \.logLevel),
        Field(.blockInstanceMetadata, \.blockInstanceMetadata),
        Field(.additionalLocalRoutes, \.additionalLocalRoutes) { list($0) },
        Field(.mtu, \.mtu) { $0.map(String.init) ?? "the uplink's" },
        Field(.interfaceType, \.interfaceType),
        Field(.parentInterface, \.parentInterface) { $0 ?? "none" },
        Field(.containerStopTimeout, \.containerStopTimeout, GoDuration.text),
        Field(.taskCleanupWait, \.taskCleanupWait, GoDuration.text),
        Field(.eventRetention, \.eventRetention, GoDuration.text),
        Field(.maximumEvents, \.maximumEvents),
        Field(.reservedPorts, \.reservedPorts) { list($0) },
        Field(.instanceAttributes, \.instanceAttributes) { dictionary($0) },
        Field(.dnsServers, \.dns.servers) { $0.isEmpty ? "the host's" : list($0) },
        Field(.dnsSearchDomains, \.dns.searchDomains) { list($0) },
        Field(.dnsDomain, \.dns.domain, inWhole: \.privateDNSDomain),
        Field(.vpcID, \.vpc.id),
        Field(.vpcCIDRBlocks, \.vpc.cidrBlocks) { $0.isEmpty ? "the subnets'" : list($0) },
        Field(.subnets, \.subnets) { subnets in
            list(
                subnets.map { subnet in
                    let blocks = [subnet.ipv4CIDRBlock?.description, subnet.ipv6CIDRBlock?.description]
                    return ([subnet.id] + blocks.compactMap { $0 } + [subnet.route.rawValue]).joined(separator: " ")
                })
        },
        Field(.prefixLists, \.prefixLists) { lists in
            list(lists.map { "\($0.id) \($0.name): \($0.entries.map(\.block.description).joined(separator: " "))" })
        },
        Field(.securityGroups, \.groupsOfFile) { value in
            list(
                value.groups.map { group in
                    let isOwn = group.name == SecurityGroup.defaultName && !value.givesDefault
                    let rules = group.rules.map(\.summary).joined(separator: ", ")
                    return "\(group.id) \(group.name)\(isOwn ? " (not in the file)" : ""): \(rules)"
                })
        },
        Field(.hostSecurityGroups, \.hostSecurityGroupIDs) { list($0) },
        Field(.securityGroupsPerInterface, \.securityGroupsPerInterface),
        Field(.rulesPerSecurityGroup, \.rulesPerSecurityGroup),
        Field(.endRevokedConnections, \.endsRevokedConnections),
        Field(.manageForwarding, \.managesForwarding),
        Field(.reconcileInterval, \.reconcileInterval) { $0 == .zero ? "never" : GoDuration.text($0) },
        Field(.warmPoolMinimum, \.warmPool.minimum),
        Field(.warmPoolMaximum, \.warmPool.maximum),
        Field(.images, \.images) { dictionary($0.mapValues(\.string)) },
    ]

    private static func list(_ values: [some Any]) -> String {
        "[" + values.map { "\($0)" }.joined(separator: ", ") + "]"
    }

    private static func dictionary(_ values: [String: String]) -> String {
        "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }
}
