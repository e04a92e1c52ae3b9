// SPDX-License-Identifier: Apache-2.0
import Pause
import TaskDefinitions
import VPC

extension TaskDefinition {
    /// Refuses what the process engine cannot run as the definition means it, before anything is made. A definition
    /// may be registered all the same: it is the host that lacks something.
    func checkRunnable(with images: ImageCatalog) throws(ValidationFailure) {
        guard effectiveNetworkMode == .awsvpc else {
            throw ValidationFailure(
                .client,
                "tasknet runs tasks in networkMode awsvpc; task definition \(familyAndRevision) has networkMode"
                    + " \(effectiveNetworkMode.rawValue). Register a revision with \"networkMode\": \"awsvpc\".")
        }
        if let pidMode {
            throw .unsupported("pidMode \(pidMode.rawValue)", "each container has a process namespace of its own")
        }
        if let ipcMode, ipcMode != .task {
            throw .unsupported("ipcMode \(ipcMode.rawValue)", "the containers of a task share one IPC namespace")
        }
        for volume in volumes ?? [] where volume.isForeign {
            throw .unsupported(
                "volume '\(volume.name ?? "")'", "only volumes with a host sourcePath or without any are supported")
        }
        for container in containerDefinitions { try container.checkRunnable(with: images) }
    }
}

extension Volume {
    /// Whether it is somewhere else than in a directory of this host.
    fileprivate var isForeign: Bool {
        dockerVolumeConfiguration != nil || efsVolumeConfiguration != nil || s3filesVolumeConfiguration != nil
            || fsxWindowsFileServerVolumeConfiguration != nil
    }
}

extension ContainerDefinition {
    fileprivate func checkRunnable(with images: ImageCatalog) throws(ValidationFailure) {
        _ = try images.root(of: image)
        if (entryPoint ?? []).isEmpty, (command ?? []).isEmpty {
            throw ValidationFailure(
                .client,
                "Container '\(name)' has neither command nor entryPoint, and image '\(image)' is a directory that"
                    + " brings none: set one of them.")
        }
        if !(secrets ?? []).isEmpty { throw unsupported("secrets", "use environment") }
        if !(environmentFiles ?? []).isEmpty { throw unsupported("environmentFiles", "use environment") }
        if !(volumesFrom ?? []).isEmpty { throw unsupported("volumesFrom", "use a volume that both containers mount") }
        if !(linuxParameters?.devices ?? []).isEmpty { throw unsupported("devices", "use image 'host'") }
        if restartPolicy?.enabled == true { throw unsupported("restartPolicy", "leave it out") }
        let capabilities = linuxParameters?.capabilities
        do {
            _ = try CapabilitySet(adding: capabilities?.add ?? [], dropping: capabilities?.drop ?? [])
        } catch {
            throw ValidationFailure(.client, "Container '\(name)': \(error.description).")
        }
    }

    private func unsupported(_ member: String, _ mend: String) -> ValidationFailure {
        .unsupported("\(member) of container '\(name)'", mend)
    }
}

extension ValidationFailure {
    fileprivate static func unsupported(_ what: String, _ mend: String) -> ValidationFailure {
        ValidationFailure(.client, "The process engine does not support \(what): \(mend).")
    }
}
