// SPDX-License-Identifier: Apache-2.0
import CLinux

/// Makes the root file system of a container, in the mount namespace of this process.
struct RootFileSystem {
    private let specification: Specification
    private let isHost: Bool

    init(_ specification: Specification) {
        self.specification = specification
        isHost = specification.root.map { Text($0) == "/" } ?? false
    }

    /// Returns how it was made, in the protocol's words.
    func mount() throws(Failure) -> String {
        // Nothing of what follows shows on the host. The host's own root goes on following the host, so that a container
        // in it does not keep alive what is unmounted there.
        let propagation = isHost ? MS_SLAVE : MS_PRIVATE
        try check(CLinux.mount(nil, "/", nil, UInt(MS_REC | propagation), nil), "mount", Bytes("/"))
        let sources = try MountSources(specification)
        let kind = isHost ? TASKNET_PAUSE_ROOT_HOST : try enterImage()
        if isHost && specification.isReadOnly { try setReadOnly(UInt32(AT_RECURSIVE)) }
        try SystemMounts(specification, isHost: isHost).mount()
        try sources.attach(isHost: isHost)
        if !isHost && specification.isReadOnly { try setReadOnly(0) }
        return kind
    }

    private func setReadOnly(_ flags: UInt32) throws(Failure) {
        try check(tasknet_mount_set_read_only(AT_FDCWD, "/", flags), "root: set read-only", Bytes("/"))
    }

    /// Makes the image's directory the root, below a layer that takes the changes.
    private func enterImage() throws(Failure) -> String {
        guard let path = specification.root else { throw Failure("root", reason: "none given") }
        let lower = try Descriptor.open(path, O_PATH | O_DIRECTORY, "root")
        let kind = try mountLayers(over: lower.raw, at: path)
        // The mount covers the directory that it was made of, in this namespace only.
        let root = try Descriptor.open(path, O_PATH | O_DIRECTORY, "root")
        try check(fchdir(root.raw), "root", Text(path))
        try check(tasknet_pivot_root(".", "."), "pivot_root", Text(path))
        try check(umount2(".", Int32(MNT_DETACH)), "unmount the host's root")
        try check(chdir("/"), "chdir", Bytes("/"))
        return kind
    }

    private func mountLayers(over lower: Int32, at path: CText) throws(Failure) -> String {
        // A read-only root too needs a place for the mount points that the image lacks.
        if !specification.isReadOnly, let upper = specification.upper, let work = specification.work {
            let upperLayer = try Descriptor.open(upper, O_PATH | O_DIRECTORY, "upper")
            let workLayer = try Descriptor.open(work, O_PATH | O_DIRECTORY, "work")
            do throws(Failure) {
                try Overlay.mount(lower: lower, upper: upperLayer.raw, work: workLayer.raw).attach(to: path)
                return TASKNET_PAUSE_ROOT_OVERLAY
            } catch  where [EINVAL, EOPNOTSUPP, EROFS, ENOSYS, EREMOTE].contains(error.number) {
                // The file system of these directories cannot be an upper layer.
            }
        }
        try Overlay.mountInMemory(lower: lower, at: path)
        return specification.isReadOnly ? TASKNET_PAUSE_ROOT_READ_ONLY : TASKNET_PAUSE_ROOT_TMPFS
    }
}

enum Overlay {
    /// The layers are named by descriptor: their paths may have any character in them, and any length.
    static func mount(lower: Int32, upper: Int32, work: Int32) throws(Failure) -> DetachedMount {
        try DetachedMount(
            new: "overlay",
            [
                ("lowerdir", procPath("self/fd/", lower, "")), ("upperdir", procPath("self/fd/", upper, "")),
                ("workdir", procPath("self/fd/", work, "")),
            ])
    }

    /// Covers `path`, whose content `lower` is, with a layer that lives in memory and goes with the namespace.
    static func mountInMemory(lower: Int32, at path: CText) throws(Failure) {
        let memory = try DetachedMount(new: "tmpfs", [("mode", Bytes("700"))], attributes: 0)
        let layers = memory.descriptor.raw
        for name in ["upper", "work"] { try check(mkdirat(layers, name, 0o755), "root: make layer", Bytes(name)) }
        let upper = try Descriptor.open("upper", O_PATH | O_DIRECTORY, at: layers, "upper")
        let work = try Descriptor.open("work", O_PATH | O_DIRECTORY, at: layers, "work")
        // The kernel takes layers only from what is mounted in this namespace.
        try memory.attach(to: path)
        try Overlay.mount(lower: lower, upper: upper.raw, work: work.raw).attach(to: path)
    }
}
