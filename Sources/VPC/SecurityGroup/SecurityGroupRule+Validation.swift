// SPDX-License-Identifier: Apache-2.0

/// Texts of security groups: names and descriptions.
enum SecurityGroupText {
    static let most = 255

    /// The characters that EC2 takes: letters, digits, spaces and ``._-:/()#,@[]+=&;{}!$*``.
    static func isValid(_ text: String) -> Bool {
        text.utf8.count <= most
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || " ._-:/()#,@[]+=&;{}!$*".utf8.contains(byte)
            }
    }

    static let characters = "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
    static let rule = "it is at most \(most) \(characters)"
}

extension SecurityGroupRule {
    /// The rule as EC2 keeps it: all ports are 0 to 65535, all types and codes are none, and ports of protocols that
    /// have none are dropped. Two rules that let the same through from the same peer are equal then.
    ///
    /// - Throws: `ValidationFailure` with EC2's code for what is no rule.
    package func canonical() throws(ValidationFailure) -> SecurityGroupRule {
        var result = self
        if ipProtocol.hasPorts {
            (result.fromPort, result.toPort) = try Self.portRange(fromPort, toPort, of: ipProtocol)
        } else if ipProtocol.hasTypes {
            (result.fromPort, result.toPort) = try Self.typeAndCode(fromPort, toPort, of: ipProtocol)
        } else {
            (result.fromPort, result.toPort) = (nil, nil)
        }
        try validatePeer()
        if let ruleDescription {
            result.ruleDescription = ruleDescription.isEmpty ? nil : ruleDescription
            if !SecurityGroupText.isValid(ruleDescription) {
                throw ValidationFailure(
                    .parameterValue,
                    "Invalid rule description \(ruleDescription.shortened.debugDescription)",
                    detail: SecurityGroupText.rule)
            }
        }
        return result
    }

    /// Checks a rule that is canonical already, with its id.
    package func validate() throws(ValidationFailure) {
        _ = try canonical()
        if !ResourceID.isValid(id, prefix: "sgr") {
            throw ValidationFailure(
                .parameterValue, "Invalid rule id \(id.shortened.debugDescription)",
                detail: "it is \"sgr-\" and 8 to 17 hexadecimal digits in lower case")
        }
    }

    private static func portRange(
        _ from: Int?, _ to: Int?, of ipProtocol: IPProtocol
    ) throws(ValidationFailure) -> (Int, Int) {
        switch (from, to) {
        case (nil, nil): return (ports.lowerBound, ports.upperBound)
        case (let from?, let to?):
            for port in [from, to] where !ports.contains(port) {
                throw ValidationFailure(
                    .parameterValue,
                    "Invalid value '\(port)' for port range: \(ipProtocol) port (\(port)) out of range",
                    detail: "ports are 0 to 65535; for all ports give 0 and 65535")
            }
            if from > to {
                throw ValidationFailure(
                    .parameterValue, "Invalid port range: the first port (\(from)) is over the last (\(to))",
                    detail: "exchange FromPort and ToPort")
            }
            return (from, to)
        case (nil, _), (_, nil):
            throw ValidationFailure(
                .parameterValue, "Invalid port range: both FromPort and ToPort are needed with \(ipProtocol)",
                detail: "for one port give it twice")
        }
    }

    private static func typeAndCode(
        _ type: Int?, _ code: Int?, of ipProtocol: IPProtocol
    ) throws(ValidationFailure) -> (Int?, Int?) {
        for (value, what) in [(type, "type"), (code, "code")] {
            if let value, !(-1...255).contains(value) {
                throw ValidationFailure(
                    .parameterValue, "Invalid value '\(value)' for \(ipProtocol) \(what)",
                    detail: "it is 0 to 255, or -1 for all")
            }
        }
        let (type, code) = (type == -1 ? nil : type, code == -1 ? nil : code)
        if type == nil, let code {
            throw ValidationFailure(
                .parameterValue, "Invalid \(ipProtocol) code '\(code)': there is none for all types",
                detail: "give the type (FromPort), or -1 as code (ToPort)")
        }
        return (type, code)
    }

    private func validatePeer() throws(ValidationFailure) {
        switch (peer, ipProtocol) {
        case (.ipv6, .icmp):
            throw ValidationFailure(
                .parameterValue, "Invalid rule: icmp is for IPv4 and the peer is \(peer)", detail: "use icmpv6 for IPv6"
            )
        case (.ipv4, .icmpv6):
            throw ValidationFailure(
                .parameterValue, "Invalid rule: icmpv6 is for IPv6 and the peer is \(peer)", detail: "use icmp for IPv4"
            )
        case (.group(let id), _) where !ResourceID.isValid(id, prefix: "sg"):
            throw ValidationFailure(
                .groupIDMalformed, "Invalid id: \(id.shortened.debugDescription)",
                detail: "it is \"sg-\" and 8 to 17 hexadecimal digits in lower case")
        case (.prefixList(let id), _) where !ResourceID.isValid(id, prefix: "pl"):
            throw ValidationFailure(
                .parameterValue, "Invalid prefix list id \(id.shortened.debugDescription)",
                detail: "it is \"pl-\" and 8 to 17 hexadecimal digits in lower case")
        default: break
        }
    }
}
