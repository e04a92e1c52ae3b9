// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Pause
import SystemPackage
import TaskDefinitions

/// The directories of one container on the host: the layer for what it changes in its image, and the volumes that it mounts.
struct ContainerDirectories {
    let layer: ContainerLaunch.Layer
    /// By name, without those that only other containers mount.
    let volumes: [String: FilePath]

    init(of container: ContainerDefinition, in definition: TaskDefinition, taskID: String, settings: EngineSettings) {
        let directory = settings.containerDirectory(container.name, taskID: taskID)
        layer = ContainerLaunch.Layer(upper: directory.appending("upper"), work: directory.appending("work"))
        let mounted = Set((container.mountPoints ?? []).compactMap(\.sourceVolume))
        var volumes: [String: FilePath] = [:]
        for volume in definition.volumes ?? [] {
            guard let name = volume.name, mounted.contains(name) else { continue }
            volumes[name] =
                volume.host?.sourcePath.map { FilePath($0) }
                ?? settings.stateDirectory(taskID).appending("volumes").appending(name)
        }
        self.volumes = volumes
    }

    /// Makes what is not there. A volume can also be a file or a socket of the host's.
    func make() throws(LinuxError) {
        // Its mode is that of the container's root, which every user of the container has to pass.
        try Directory.make(layer.upper, mode: 0o755)
        try Directory.make(layer.work, mode: 0o700)
        var status = stat()
        for path in volumes.values where stat(path.string, &status) != 0 {
            try Directory.make(path, mode: 0o755)
        }
    }
}
