// SPDX-License-Identifier: Apache-2.0
import Foundation
import Pause
import SystemPackage
import TestSupport

/// A root file system as an image would unpack to: busybox, passwd, group, and nothing in the way of mount points.
struct ImageRoot {
    let path: FilePath
    /// For an overlay, beside it.
    let upper: FilePath
    let work: FilePath

    /// - Parameter layers: where the overlay's directories are to be; nil: beside it.
    init(in host: TestHost, layers: FilePath? = nil) throws {
        path = host.directory.appending("image")
        upper = (layers ?? host.directory).appending("upper")
        work = (layers ?? host.directory).appending("work")
        for directory in [path.appending("bin"), path.appending("etc"), path.appending("home"), upper, work] {
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        }
        try run(["cp", Self.busybox, path.appending("bin/busybox").string])
        for applet in [
            "cat", "df", "echo", "env", "grep", "head", "id", "ls", "mkdir", "mknod", "mount", "od", "ps", "pwd",
            "readlink",
            "sh",
            "sleep", "stat", "tail", "touch", "umask", "wc",
        ] {
            try link("busybox", at: "bin/\(applet)")
        }
        try write(
            "root:x:0:0:root:/root:/bin/sh\nweb:x:1001:1002:The web:/home/web:/bin/sh\nodd:x:1003:1004::/:/bin/sh\n",
            to: "etc/passwd")
        try write("root:x:0:\nweb:x:1002:\nlogs:x:1005:web,odd\nothers:x:1006:odd\n", to: "etc/group")
    }

    private static let busybox = "/bin/busybox"

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: path.appending(name).string, atomically: false, encoding: .utf8)
    }

    func link(_ target: String, at name: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path.appending(name).string, withDestinationPath: target)
    }

    /// A container in it, with a layer for what it changes.
    func launch(_ command: CommandLaunch) -> ContainerLaunch {
        ContainerLaunch(command, root: .directory(path, layer: .init(upper: upper, work: work)))
    }

    func contents(of name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.appending(name).string).sorted()
    }
}
