// SPDX-License-Identifier: Apache-2.0
import VPC

extension ContainerDefinition {
    /// MiB; what Docker reserves for a container.
    static let leastMemory = 4
    static let mostImageBytes = 255

    /// Checks the container, the one at `index` of the definition, alone.
    func validate(at index: Int, in definition: TaskDefinition) throws(ValidationFailure) {
        try validateName(at: index)
        try validateImage()
        try validateNetwork(mode: definition.effectiveNetworkMode)
        try validatePortMappings(mode: definition.effectiveNetworkMode)
        try validateResources()
        try validateProgram()
        try validateMountPoints(in: definition)
        try validateTimes(isFargate: definition.requiresCompatibilities?.contains(.fargate) ?? false)
        try healthCheck.map { (check) throws(ValidationFailure) in try validate(check) }
        try linuxParameters.map { (parameters) throws(ValidationFailure) in try validate(parameters) }
        try validateLogConfiguration()
    }

    func client(_ message: String, _ detail: String? = nil) -> ValidationFailure {
        ValidationFailure(.client, message, detail: detail)
    }

    /// For what AWS's own text is not known of.
    func invalid(_ reason: String) -> ValidationFailure {
        client("Invalid setting for container '\(name)'. \(reason)")
    }

    private func validateName(at index: Int) throws(ValidationFailure) {
        if name.isEmpty {
            throw client("Container.name should not be null or empty.", "containerDefinitions[\(index)]")
        }
        if !Text.isName(name) {
            throw client(
                "Container.name contains invalid characters.",
                """
                containerDefinitions[\(index)], \(name.shortened.debugDescription): \
                up to 255 letters, digits, hyphens and underscores are allowed
                """)
        }
    }

    private func validateImage() throws(ValidationFailure) {
        if image.isEmpty { throw client("Container.image should not be null or empty.", "container '\(name)'") }
        if !Text.isImage(image) {
            throw client(
                "Container.image repository contains invalid characters.",
                "container '\(name)', \(image.shortened.debugDescription)")
        }
        if image.utf8.count > Self.mostImageBytes {
            throw client("Container.image contains more than \(Self.mostImageBytes) characters.", "container '\(name)'")
        }
    }

    /// What only a container with a network of its own can have.
    private func validateNetwork(mode: NetworkMode) throws(ValidationFailure) {
        if mode != .bridge, !(links ?? []).isEmpty {
            throw client(
                "Links are not supported when networkMode=\(mode.rawValue).",
                "container '\(name)': the containers of a task reach each other at localhost")
        }
        guard mode == .awsvpc else { return }
        // As AWS words each of them.
        let refused = [
            ("hostname is", !(hostname ?? "").isEmpty), ("DNS servers are", !(dnsServers ?? []).isEmpty),
            ("DNS search domains are", !(dnsSearchDomains ?? []).isEmpty),
            ("Extra hosts are", !(extraHosts ?? []).isEmpty), ("Disable Networking is", disableNetworking ?? false),
        ]
        for (subject, isSet) in refused where isSet {
            throw client(
                "\(subject) not supported on container when networkMode=awsvpc.",
                "container '\(name)': leave it out; all containers share the task's network, its name and its DNS")
        }
    }

    private func validateResources() throws(ValidationFailure) {
        for (member, value, least) in [
            ("cpu", cpu, 0), ("memory", memory, Self.leastMemory),
            ("memoryReservation", memoryReservation, Self.leastMemory),
        ] {
            guard let value, !(least...Int(Int32.max)).contains(value) else { continue }
            throw invalid("'\(member)' is \(value) and has to be at least \(least).")
        }
        if let memory, let memoryReservation, memory < memoryReservation {
            throw invalid("'memory' (\(memory)) has to be greater than 'memoryReservation' (\(memoryReservation)).")
        }
        for limit in ulimits ?? [] {
            let values = [limit.softLimit, limit.hardLimit]
            if values.contains(where: { $0 < -1 })
                || limit.hardLimit != -1
                    && (limit.softLimit == -1 || limit.softLimit > limit.hardLimit)
            {
                throw invalid(
                    """
                    The ulimit '\(limit.name.rawValue)' has a soft limit of \(limit.softLimit) and a hard limit of \
                    \(limit.hardLimit); the soft one must not exceed the hard one, and -1 means no limit.
                    """)
            }
        }
    }

    /// What a program is given must be possible to give.
    private func validateProgram() throws(ValidationFailure) {
        for (member, texts) in [
            ("entryPoint", entryPoint ?? []), ("command", command ?? []), ("user", [user ?? ""]),
            ("environment", (environment ?? []).flatMap { [$0.name ?? "", $0.value ?? ""] }),
        ] where texts.contains(where: Text.containsNUL) {
            throw invalid("'\(member)' contains a NUL character.")
        }
        for pair in environment ?? [] {
            let variable = pair.name ?? ""
            if variable.isEmpty { throw invalid("An environment variable has no name.") }
            if variable.utf8.contains(UInt8(ascii: "=")) {
                throw invalid(
                    "The name of the environment variable \(variable.shortened.debugDescription) contains '='.")
            }
        }
        for control in systemControls ?? [] {
            let parameter = control.namespace ?? ""
            if !Text.isKernelParameter(parameter) || Text.containsNUL(control.value ?? "") {
                throw invalid("There is no kernel parameter \(parameter.shortened.debugDescription) that can be set.")
            }
        }
        if let workingDirectory, !workingDirectory.isEmpty, !Text.isContainerPath(workingDirectory) {
            throw invalid(
                "'workingDirectory' is \(workingDirectory.shortened.debugDescription) and has to be an absolute path.")
        }
    }

    private func validateMountPoints(in definition: TaskDefinition) throws(ValidationFailure) {
        var seen: Set<String> = []
        for mountPoint in mountPoints ?? [] {
            let source = mountPoint.sourceVolume ?? ""
            if definition.volumes?.contains(where: { $0.name == source }) != true {
                throw client("Unknown volume '\(source.shortened)'.", "in mountPoints of container '\(name)'")
            }
            let path = mountPoint.containerPath ?? ""
            if !Text.isMountTarget(path) {
                throw invalid(
                    """
                    The containerPath \(path.shortened.debugDescription) of volume '\(source)' has to be an absolute path \
                    without '..'.
                    """)
            }
            if !seen.insert(path).inserted { throw invalid("Two volumes have the containerPath \(path.shortened).") }
        }
    }

    private func validateTimes(isFargate: Bool) throws(ValidationFailure) {
        // On EC2 a container may take as long to stop as its owner likes; Fargate ends after two minutes.
        let longest = isFargate ? 120 : Int(Int32.max)
        for (member, value, range) in [
            ("startTimeout", startTimeout, 1...longest), ("stopTimeout", stopTimeout, 1...longest),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw invalid("'\(member)' is \(value) seconds and has to be \(range.lowerBound) to \(range.upperBound).")
        }
    }

    private func validateLogConfiguration() throws(ValidationFailure) {
        guard let logConfiguration, logConfiguration.logDriver == .awslogs else { return }
        let required = ["awslogs-region", "awslogs-group"]
        let missing = required.filter { (logConfiguration.options?[$0] ?? "").isEmpty }
        if !missing.isEmpty {
            throw client(
                "Log driver awslogs requires options: \(missing.joined(separator: ", "))", "container '\(name)'")
        }
    }
}
