// SPDX-License-Identifier: Apache-2.0

/// The codes that EC2 answers requests about networks with.
package enum EC2ErrorCode: String, Hashable, Sendable, CaseIterable {
    case groupNotFound = "InvalidGroup.NotFound"
    case groupDuplicate = "InvalidGroup.Duplicate"
    case groupReserved = "InvalidGroup.Reserved"
    case groupIDMalformed = "InvalidGroupId.Malformed"
    case cannotDelete = "CannotDelete"
    case dependencyViolation = "DependencyViolation"
    case permissionDuplicate = "InvalidPermission.Duplicate"
    case permissionNotFound = "InvalidPermission.NotFound"
    case permissionMalformed = "InvalidPermission.Malformed"
    case ruleIDNotFound = "InvalidSecurityGroupRuleId.NotFound"
    case rulesLimitExceeded = "RulesPerSecurityGroupLimitExceeded"
    case groupsPerInterfaceLimitExceeded = "SecurityGroupsPerInterfaceLimitExceeded"
    case prefixListNotFound = "InvalidPrefixListID.NotFound"
    case interfaceNotFound = "InvalidNetworkInterfaceID.NotFound"
    case vpcNotFound = "InvalidVpcID.NotFound"
    case parameterValue = "InvalidParameterValue"
    case parameterCombination = "InvalidParameterCombination"
    case missingParameter = "MissingParameter"
    case unknownParameter = "UnknownParameter"
    case unsupportedOperation = "UnsupportedOperation"
}

extension ValidationFailure {
    /// A refusal with EC2's code, at the end as where ECS has EC2's codes: `... (ErrorCode: InvalidGroup.NotFound)`.
    ///
    /// - Parameters:
    ///   - message: EC2's sentence, without a full stop.
    ///   - detail: What to do about it.
    package init(_ code: EC2ErrorCode, _ message: String, detail: String? = nil) {
        self.init(.invalidParameter, message, detail: detail)
        self.code = code
    }
}
