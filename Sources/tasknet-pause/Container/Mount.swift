// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A file system or a part of one that hangs nowhere yet.
struct DetachedMount: ~Copyable {
    let descriptor: Descriptor

    /// A new file system. The options are pairs of a key and a value; the attributes are MOUNT_ATTR_....
    init(
        new type: String, _ options: [(String, Bytes)] = [], attributes: Int32 = 0
    ) throws(Failure) {
        let stage = "mount"
        let name = Bytes(type)
        let context = try Descriptor(fsopen(type, UInt32(FSOPEN_CLOEXEC)), stage, name)
        for (key, value) in options {
            try value.withCText { (value) throws(Failure) in
                _ = try check(fsconfig(context.raw, FSCONFIG_SET_STRING.rawValue, key, value, 0), stage, name)
            }
        }
        try check(fsconfig(context.raw, FSCONFIG_CMD_CREATE.rawValue, nil, nil, 0), stage, name)
        descriptor = try Descriptor(
            fsmount(context.raw, UInt32(FSMOUNT_CLOEXEC), UInt32(bitPattern: attributes)), stage, name)
    }

    /// A copy of what is mounted at `path`.
    init(cloning path: CText, isRecursive: Bool = false, isReadOnly: Bool = false) throws(Failure) {
        let stage = "mount"
        let recursive = isRecursive ? UInt32(AT_RECURSIVE) : 0
        let flags = UInt32(OPEN_TREE_CLONE) | UInt32(OPEN_TREE_CLOEXEC) | recursive
        let tree = try Descriptor(open_tree(AT_FDCWD, path, flags), stage, Text(path).bytes)
        if isReadOnly {
            let flags = UInt32(AT_EMPTY_PATH) | recursive
            try check(tasknet_mount_set_read_only(tree.raw, "", flags), stage, Text(path))
        }
        descriptor = tree
    }

    /// Hangs it on what `path` names. A symbolic link at the end is not followed: it is covered itself, so that what a
    /// container's image puts there leads nowhere.
    consuming func attach(to path: CText, at directory: Int32 = AT_FDCWD) throws(Failure) {
        let flags = UInt32(MOVE_MOUNT_F_EMPTY_PATH)
        try check(move_mount(descriptor.raw, "", directory, path, flags), "mount", Text(path))
    }

    /// The same, following links.
    consuming func attach(toTargetOf path: CText) throws(Failure) {
        let flags = UInt32(MOVE_MOUNT_F_EMPTY_PATH) | UInt32(MOVE_MOUNT_T_SYMLINKS)
        try check(move_mount(descriptor.raw, "", AT_FDCWD, path, flags), "mount", Text(path))
    }
}

let restricted = Int32(MOUNT_ATTR_NOSUID) | Int32(MOUNT_ATTR_NODEV) | Int32(MOUNT_ATTR_NOEXEC)

/// Makes a directory and those above it where they are missing.
func makeDirectories(_ path: Text) {
    var prefix = Bytes()
    for part in path.buffer.split(separator: UInt8(ascii: "/")) {
        prefix.append("/")
        prefix.append(contentsOf: part)
        // What stands in the way is found by whoever uses the path.
        prefix.withCText { _ = mkdir($0, 0o755) }
    }
}

/// The path without its last component.
func parent(of path: Text) -> Bytes {
    let slash = path.buffer.lastIndex(of: UInt8(ascii: "/")) ?? 0
    return Bytes(path.buffer[..<slash])
}
