// SPDX-License-Identifier: Apache-2.0

extension NetworkConfiguration {
    /// Checks that a task with this network mode is given a network configuration exactly when it needs one, and that
    /// the configuration keeps AWS's limits.
    ///
    /// - Parameter mostSecurityGroups: Of an ENI.
    /// - Returns: The configuration of an `awsvpc` task; nil for a task in another mode.
    @discardableResult
    package static func validate(
        _ configuration: NetworkConfiguration?, networkMode: NetworkMode, launchType: LaunchType? = nil,
        mostSecurityGroups: Int = SecurityGroupLimits().groupsPerInterface
    ) throws(ValidationFailure) -> AWSVPC? {
        let awsvpc = configuration?.awsvpcConfiguration
        guard networkMode == .awsvpc else {
            if awsvpc == nil { return nil }
            throw ValidationFailure(
                .invalidParameter,
                "Network Configuration is not valid for the given networkMode of this task definition.",
                detail: "the networkMode is \(networkMode.rawValue): leave the network configuration out")
        }
        guard let awsvpc else {
            throw ValidationFailure(
                .invalidParameter, "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
                detail: "name at least one subnet in networkConfiguration.awsvpcConfiguration.subnets")
        }
        try awsvpc.validate(launchType: launchType, mostSecurityGroups: mostSecurityGroups)
        return awsvpc
    }
}

extension NetworkConfiguration.AWSVPC {
    func validate(launchType: LaunchType?, mostSecurityGroups: Int) throws(ValidationFailure) {
        if subnets.isEmpty {
            throw ValidationFailure(.invalidParameter, "subnets can not be empty.", detail: "name at least one subnet")
        }
        try Self.validate(subnets, most: 16, member: "subnets")
        try Self.validate(securityGroups: securityGroups ?? [], most: mostSecurityGroups)
        // No launch type is not EC2 here: whoever leaves it out leaves the choice to the cluster.
        if assignPublicIp == .enabled, launchType == .ec2 || launchType == .external {
            throw ValidationFailure(
                .invalidParameter, "Assign public IP is not supported for this launch type.",
                detail: "leave assignPublicIp out")
        }
    }

    /// Checks an ENI's security groups by AWS's limits.
    package static func validate(
        securityGroups: [String], most: Int = SecurityGroupLimits().groupsPerInterface
    ) throws(ValidationFailure) {
        try validate(securityGroups, most: most, member: "securityGroups")
    }

    private static func validate(_ items: [String], most: Int, member: String) throws(ValidationFailure) {
        if items.count > most {
            throw ValidationFailure(
                .invalidParameter, "\(member) can have at most \(most) items.", detail: "\(items.count) are given")
        }
        var seen: Set<String> = []
        for item in items {
            if item.isEmpty {
                throw ValidationFailure(.invalidParameter, "\(member) can not contain an empty item.")
            }
            if !seen.insert(item).inserted {
                throw ValidationFailure(
                    .invalidParameter, "\(member) can not contain \(item.shortened.debugDescription) more than once.")
            }
        }
    }

    /// The subnets that are named here by their id or name, in the order given; all are of one VPC.
    package func resolve(in known: [Subnet]) throws(ValidationFailure) -> [Subnet] {
        var result: [Subnet] = []
        for text in subnets {
            guard let subnet = known.named(text) else {
                let text = text.shortened
                throw ValidationFailure(
                    .invalidParameter,
                    """
                    Error retrieving subnet information for [\(text)]: The subnet ID '\(text)' does not exist \
                    (ErrorCode: InvalidSubnetID.NotFound)
                    """,
                    detail: known.isEmpty
                        ? "no subnet is configured"
                        : "there are: \(known.map { $0.name == $0.id ? $0.id : "\($0.name) = \($0.id)" }.joined(separator: ", "))"
                )
            }
            if let first = result.first, first.vpcID != subnet.vpcID {
                throw ValidationFailure(
                    .invalidParameter, "All subnets must be in the same VPC.",
                    detail: """
                        \(first.name) is in \(first.vpcID ?? "none"), \(subnet.name) in \(subnet.vpcID ?? "none")
                        """)
            }
            result.append(subnet)
        }
        return result
    }
}
