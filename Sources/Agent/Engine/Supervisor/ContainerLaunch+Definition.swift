// SPDX-License-Identifier: Apache-2.0
import Pause
import SystemPackage
import TaskDefinitions
import VPC

extension ContainerLaunch {
    /// How a container of a task definition is started.
    ///
    /// - Parameters:
    ///   - layer: where the container's changes to its image go.
    ///   - volumes: the volumes that the container mounts, by name.
    ///   - files: the directory with the task's `hosts`, `resolv.conf` and `hostname`.
    init(
        _ definition: ContainerDefinition, root: ImageCatalog.Root, layer: Layer, volumes: [String: FilePath],
        log: FilePath, files: FilePath
    ) throws {
        var command = try CommandLaunch(
            definition, name: definition.name,
            arguments: (definition.entryPoint ?? []) + (definition.command ?? []))
        command.log = try ContainerLog(definition.logConfiguration, path: log)
        let linux = definition.linuxParameters
        var mounts: [Mount] = []
        for point in definition.mountPoints ?? [] {
            guard let source = point.sourceVolume, let path = volumes[source], let target = point.containerPath else {
                continue
            }
            mounts.append(Mount(.bind(path, isReadOnly: point.readOnly ?? false), at: target))
        }
        for tmpfs in linux?.tmpfs ?? [] {
            mounts.append(Mount(.tmpfs(size: UInt64(clamping: tmpfs.size) << 20), at: tmpfs.containerPath))
        }
        self.init(
            command, root: Root(root, layer: layer), hasReadOnlyRoot: definition.readonlyRootFilesystem ?? false,
            hosts: files.appending("hosts"), resolvConf: files.appending("resolv.conf"),
            hostname: files.appending("hostname"), mounts: mounts,
            sharedMemorySize: linux?.sharedMemorySize.map { UInt64(clamping: $0) << 20 })
    }
}

extension ContainerLaunch.Root {
    fileprivate init(_ root: ImageCatalog.Root, layer: ContainerLaunch.Layer) {
        switch root {
        case .host: self = .host
        case .directory(let path): self = .directory(path, layer: layer)
        }
    }
}

extension CommandLaunch {
    /// A command with the environment, user and rights of a container: its main one, or a health check.
    init(_ definition: ContainerDefinition, name: String, arguments: [String]) throws {
        let capabilities = definition.linuxParameters?.capabilities
        let isPrivileged = definition.privileged ?? false
        self.init(
            name: name, arguments: arguments,
            environment: (definition.environment ?? []).compactMap { pair in
                pair.name.map { "\($0)=\(pair.value ?? "")" }
            },
            // Empty is Docker's way of saying that there is none.
            workingDirectory: definition.workingDirectory.flatMap { $0.isEmpty ? nil : $0 }, user: definition.user,
            capabilities: isPrivileged
                ? .all : try CapabilitySet(adding: capabilities?.add ?? [], dropping: capabilities?.drop ?? []),
            isPrivileged: isPrivileged,
            forbidsNewPrivileges: (definition.dockerSecurityOptions ?? []).contains {
                $0.hasPrefix("no-new-privileges")
            },
            resourceLimits: (definition.ulimits ?? []).map {
                ResourceLimit(name: $0.name.rawValue, soft: $0.softLimit, hard: $0.hardLimit)
            })
    }
}

extension HealthCheck {
    /// `["CMD", "curl", ...]` or `["CMD-SHELL", "curl ..."]`, without the first word.
    var arguments: [String] {
        switch command.first {
        case "CMD": Array(command.dropFirst())
        case "CMD-SHELL": ["/bin/sh", "-c", command.dropFirst().joined(separator: " ")]
        default: command
        }
    }
}

extension ContainerLog {
    /// Docker's options of `json-file`. Definitions made for other log drivers run as well: what they would have sent
    /// elsewhere is kept here, in the same place as everybody's.
    fileprivate init(_ configuration: LogConfiguration?, path: FilePath) throws(ValidationFailure) {
        let options = configuration?.logDriver == .jsonFile ? configuration?.options ?? [:] : [:]
        self = .jsonFile(
            path, maximumSize: try options["max-size"].map(Self.size),
            maximumFiles: try options["max-file"].map(Self.count))
    }

    private static func size(_ text: String) throws(ValidationFailure) -> UInt64 {
        let units: [Character: UInt64] = ["b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = UInt64(digits), number > 0 else {
            throw ValidationFailure(
                .client, "Log option max-size '\(text)' is not a size: write a number and b, k, m or g, as in 10m.")
        }
        let (size, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow else { throw ValidationFailure(.client, "Log option max-size '\(text)' is too large.") }
        return size
    }

    private static func count(_ text: String) throws(ValidationFailure) -> Int {
        let most = ContainerDefinition.mostLogFiles
        guard let number = Int(text), (1...most).contains(number) else {
            throw ValidationFailure(
                .client, "Log option max-file '\(text)' is not a number of files between 1 and \(most).")
        }
        return number
    }
}
