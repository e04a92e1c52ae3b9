// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What is bound into a container: taken on the host before the root changes, put in its place afterwards, when no path
/// leads out of the container any more.
struct MountSources {
    private var mounts: [MountSource] = []
    private var taskFiles: [MountSource] = []

    init(_ specification: Specification) throws(Failure) {
        for mount in specification.mounts {
            guard !(Text(mount.target) == "/") else {
                throw Failure("mount", Text(mount.target), reason: "the root itself cannot be a mount point")
            }
            mounts.append(try MountSource(mount))
        }
        // A mount below another one comes after it, whatever order they were given in.
        mounts.sort { $0.depth < $1.depth }
        try take(specification.hosts, for: "/etc/hosts", specification)
        try take(specification.resolvConf, for: "/etc/resolv.conf", specification)
        try take(specification.hostnameFile, for: "/etc/hostname", specification)
    }

    /// The task's own file, unless the definition mounts something else there.
    private mutating func take(
        _ file: CText?, for target: String, _ specification: Specification
    ) throws(Failure) {
        guard let file, !mounts.contains(where: { Text($0.target) == target }) else { return }
        let mount = Specification.Mount(
            source: .bind(file, isReadOnly: specification.isReadOnly), target: Bytes(target).permanent)
        taskFiles.append(try MountSource(mount))
    }

    func attach(isHost: Bool) throws(Failure) {
        for mount in mounts {
            // On the host's own file system nothing is made.
            if !isHost { try mount.makeTarget() }
            try mount.attach()
        }
        if isHost, taskFiles.contains(where: { !$0.hasTarget }) {
            let etc = try Descriptor.open("/etc", O_PATH | O_DIRECTORY, "mount")
            try Overlay.mountInMemory(lower: etc.raw, at: "/etc")
        }
        for file in taskFiles {
            if !file.hasTarget { try file.makeTarget() }
            try file.attachInPlaceOfLink()
        }
    }
}

/// One mount on its way into the container.
final class MountSource {
    let target: CText
    private let isDirectory: Bool
    private var mount: DetachedMount?

    init(_ wanted: Specification.Mount) throws(Failure) {
        target = wanted.target
        switch wanted.source {
        case .tmpfs(let size):
            var limit = Bytes()
            limit.append(decimal: size)
            mount = try DetachedMount(
                new: "tmpfs", [("size", limit), ("mode", Bytes("1777"))], attributes: restricted)
            isDirectory = true
        case .bind(let path, let isReadOnly):
            var status = stat()
            try check(stat(path, &status), "mount", Text(path))
            isDirectory = status.isDirectory
            mount = try DetachedMount(cloning: path, isRecursive: true, isReadOnly: isReadOnly)
        }
    }

    var depth: Int { Text(target).buffer.split(separator: UInt8(ascii: "/")).count }

    /// A link counts, wherever it leads.
    var hasTarget: Bool {
        var status = stat()
        return lstat(target, &status) == 0
    }

    func makeTarget() throws(Failure) {
        guard !isDirectory else { return makeDirectories(Text(target)) }
        makeDirectories(Text(parent(of: Text(target)).permanent))
        let file = tasknet_openat(AT_FDCWD, target, O_RDONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, 0o644)
        if file >= 0 { close(file) }
    }

    func attach() throws(Failure) {
        var status = stat()
        try check(stat(target, &status), "mount", Text(target))
        guard status.isDirectory == isDirectory else {
            throw Failure("mount", Text(target), number: isDirectory ? ENOTDIR : EISDIR)
        }
        try mount.take()?.attach(toTargetOf: target)
    }

    func attachInPlaceOfLink() throws(Failure) {
        try mount.take()?.attach(to: target)
    }
}
