// SPDX-License-Identifier: Apache-2.0

/// How many there may be; AWS's where nothing else is configured.
package struct SecurityGroupLimits: Hashable, Sendable {
    package var groupsPerInterface: Int
    /// Of each direction.
    package var rulesPerGroup: Int

    package init(groupsPerInterface: Int = 5, rulesPerGroup: Int = 60) {
        self.groupsPerInterface = groupsPerInterface
        self.rulesPerGroup = rulesPerGroup
    }
}

extension SecurityGroup {
    /// Checks the name of a new group by EC2's rules.
    ///
    /// - Parameter mayBeDefault: Whether it is the group that every VPC has.
    package static func validate(name: String, mayBeDefault: Bool = false) throws(ValidationFailure) {
        let shown = name.shortened.debugDescription
        if name.isEmpty || !SecurityGroupText.isValid(name) || name != name.trimmingSpaces {
            throw ValidationFailure(
                .parameterValue, "Invalid security group name \(shown)",
                detail: """
                    it is 1 to \(SecurityGroupText.most) \(SecurityGroupText.characters), with no space at its ends
                    """)
        }
        if name.hasPrefix("sg-") {
            throw ValidationFailure(
                .parameterValue, "Invalid security group name \(shown): names may not begin with sg-",
                detail: "ids do")
        }
        if name == defaultName, !mayBeDefault {
            throw ValidationFailure(
                .groupReserved, "The security group '\(name)' is reserved",
                detail: "every VPC has it; choose another name"
            )
        }
    }

    package static func validate(groupDescription: String) throws(ValidationFailure) {
        if !SecurityGroupText.isValid(groupDescription) {
            throw ValidationFailure(
                .parameterValue,
                "Invalid security group description \(groupDescription.shortened.debugDescription)",
                detail: SecurityGroupText.rule)
        }
    }

    /// Checks the group by itself: its id, texts and rules. Whether what its rules refer to is there, `VPCNetwork`
    /// checks.
    package func validate(limits: SecurityGroupLimits = .init()) throws(ValidationFailure) {
        if !ResourceID.isValid(id, prefix: "sg") {
            throw ValidationFailure(
                .groupIDMalformed, "Invalid id: \(id.shortened.debugDescription)",
                detail: "it is \"sg-\" and 8 to 17 hexadecimal digits in lower case")
        }
        try Self.validate(name: name, mayBeDefault: true)
        try Self.validate(groupDescription: groupDescription)
        var bare = self
        bare.rules = []
        try bare.authorize(rules, limits: limits)
    }

    /// Adds rules, all or none.
    ///
    /// - Throws: `ValidationFailure` with EC2's code: `InvalidPermission.Duplicate` for one that is there,
    ///   `RulesPerSecurityGroupLimitExceeded`, and what `canonical` throws.
    package mutating func authorize(
        _ added: [SecurityGroupRule], limits: SecurityGroupLimits = .init()
    ) throws(ValidationFailure) {
        var permissions = Set(rules.map(\.permission))
        var result = rules
        var ids = Set(rules.map(\.id))
        for rule in added {
            let rule = try rule.canonical()
            try rule.validate()
            if !permissions.insert(rule.permission).inserted {
                throw ValidationFailure(
                    .permissionDuplicate, "the specified rule \"\(rule.summary)\" already exists",
                    detail: "security group \(label) has it, or it was given twice: leave it out")
            }
            if !ids.insert(rule.id).inserted {
                throw ValidationFailure(.parameterValue, "Duplicate rule id \(rule.id) in security group \(label)")
            }
            result.append(rule)
        }
        // A limit that was lowered is of no matter to the other direction.
        for direction in SecurityGroupRule.Direction.allCases where added.contains(where: { $0.direction == direction })
        {
            let count = result.count { $0.direction == direction }
            if count > limits.rulesPerGroup {
                throw ValidationFailure(
                    .rulesLimitExceeded,
                    "The maximum number of rules per security group has been reached",
                    detail: """
                        security group \(label) would have \(count) \(direction.rawValue) rules, at most \
                        \(limits.rulesPerGroup) are allowed: join rules, or raise rulesPerSecurityGroup
                        """)
            }
        }
        rules = result
    }

    /// Takes rules away by what they say, all or none; ids and descriptions do not count.
    ///
    /// - Returns: The rules that were there.
    /// - Throws: `ValidationFailure` with `InvalidPermission.NotFound`.
    @discardableResult
    package mutating func revoke(_ revoked: [SecurityGroupRule]) throws(ValidationFailure) -> [SecurityGroupRule] {
        var rest = rules
        var removed: [SecurityGroupRule] = []
        for rule in revoked {
            let rule = try rule.canonical()
            guard let index = rest.firstIndex(where: { $0.permission == rule.permission }) else {
                throw ValidationFailure(
                    .permissionNotFound, "The specified rule \"\(rule.summary)\" does not exist in this security group",
                    detail: "security group \(label)")
            }
            removed.append(rest.remove(at: index))
        }
        rules = rest
        return removed
    }

    /// As it stands in messages: `sg-0123456789abcdef0 (web)`.
    package var label: String { "\(id) (\(name))" }
}

extension String {
    /// Without the spaces at its ends; EC2's names have none there.
    fileprivate var trimmingSpaces: String {
        var text = self[...]
        while text.hasPrefix(" ") { text.removeFirst() }
        while text.hasSuffix(" ") { text.removeLast() }
        return String(text)
    }
}
