// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Why a configuration is no VPC; names the thing and the mend.
package struct VPCNetworkError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension VPCNetwork {
    /// A route of the host's that is not ours.
    package struct HostRoute: Hashable, Sendable {
        package var block: CIDRBlock
        /// `eth0`, or what else tells a reader which one it is.
        package var name: String

        package init(block: CIDRBlock, name: String) {
            self.block = block
            self.name = name
        }
    }

    /// Checks the whole: each part by itself, and that what is named is there, once.
    ///
    /// - Parameter hostRoutes: What the host reaches otherwise; the default route does not count.
    package func validate(
        limits: SecurityGroupLimits = .init(), hostRoutes: [HostRoute] = []
    ) throws(VPCNetworkError) {
        try validateBlocks(hostRoutes)
        try validateSubnets()
        try validatePrefixLists()
        try validateSecurityGroups(limits)
        for id in host.securityGroupIDs where groupsByID[id] == nil {
            throw VPCNetworkError(
                "the host's security group \(id.shortened) does not exist\(Self.known(securityGroups))")
        }
        if host.securityGroupIDs.count > limits.groupsPerInterface {
            throw VPCNetworkError(
                """
                the host is in \(host.securityGroupIDs.count) security groups; at most \(limits.groupsPerInterface) are \
                allowed
                """
            )
        }
        for endpoint in endpoints {
            for id in endpoint.securityGroupIDs where groupsByID[id] == nil {
                throw VPCNetworkError(
                    """
                    ENI \(endpoint.networkInterfaceID) is in security group \(id.shortened), which does not exist: keep \
                    it, or take the ENI out of it first
                    """
                )
            }
        }
    }

    private func validateBlocks(_ hostRoutes: [HostRoute]) throws(VPCNetworkError) {
        for (index, block) in cidrBlocks.enumerated() {
            if let unusable = Subnet.unusableBlock(overlapping: block) {
                throw VPCNetworkError(
                    "the VPC's block \(block) overlaps \(unusable.block) (\(unusable.purpose)); use another")
            }
            for other in cidrBlocks[..<index] where other.overlaps(block) {
                throw VPCNetworkError("the VPC's block \(block) overlaps its block \(other); give one of them")
            }
        }
        // What is in no subnet is nobody's, so it would not be reached any more.
        for block in cidrBlocks.isEmpty ? subnets.flatMap(\.cidrBlocks) : cidrBlocks {
            for route in hostRoutes where route.block.prefixLength > 0 && route.block.overlaps(block) {
                throw VPCNetworkError(
                    """
                    the VPC's block \(block) overlaps the host's own route to \(route.block) (\(route.name)); use \
                    another block
                    """
                )
            }
        }
    }

    private func validateSubnets() throws(VPCNetworkError) {
        do throws(SubnetError) {
            for subnet in subnets { try subnet.validate() }
            try Subnet.validateDisjoint(subnets)
            for subnet in subnets { try subnet.validate(inside: cidrBlocks) }
        } catch {
            throw VPCNetworkError(error.description)
        }
    }

    private func validatePrefixLists() throws(VPCNetworkError) {
        var (ids, names): (Set<String>, Set<String>) = ([], [])
        do throws(ValidationFailure) {
            for list in prefixLists { try list.validate() }
        } catch {
            throw VPCNetworkError(error.description)
        }
        for list in prefixLists where !ids.insert(list.id).inserted || !names.insert(list.name).inserted {
            throw VPCNetworkError("prefix list \(list.label): another has the same name or id; rename one")
        }
    }

    private func validateSecurityGroups(_ limits: SecurityGroupLimits) throws(VPCNetworkError) {
        var (ids, names, ruleIDs): (Set<String>, Set<String>, Set<String>) = ([], [], [])
        for group in securityGroups {
            do throws(ValidationFailure) {
                try group.validate(limits: limits)
            } catch {
                throw VPCNetworkError("security group \(group.label.shortened): \(error)")
            }
            if !ids.insert(group.id).inserted || !names.insert(group.name).inserted {
                throw VPCNetworkError("security group \(group.label): another has the same name or id; rename one")
            }
            for rule in group.rules {
                if !ruleIDs.insert(rule.id).inserted {
                    throw VPCNetworkError("security group \(group.label): another rule has the id \(rule.id)")
                }
                try validateReference(of: rule, in: group)
            }
        }
    }

    private func validateReference(of rule: SecurityGroupRule, in group: SecurityGroup) throws(VPCNetworkError) {
        switch rule.peer {
        case .ipv4, .ipv6: break
        case .group(let id):
            if groupsByID[id] == nil {
                throw VPCNetworkError(
                    """
                    security group \(group.label): the rule "\(rule.summary)" names a group that does not \
                    exist\(Self.known(securityGroups))
                    """
                )
            }
        case .prefixList(let id):
            if prefixListsByID[id] == nil {
                let labels = prefixLists.map(\.label).joined(separator: ", ")
                let known = labels.isEmpty ? "there is none" : "there are: \(labels)"
                throw VPCNetworkError(
                    """
                    security group \(group.label): the rule "\(rule.summary)" names a prefix list that does not \
                    exist; \(known)
                    """
                )
            }
        }
    }

    private static func known(_ groups: [SecurityGroup]) -> String {
        "; there are: \(groups.map(\.label).joined(separator: ", "))"
    }
}
