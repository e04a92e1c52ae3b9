// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemPackage
import TestSupport

/// A root file system as an image would unpack to: busybox, passwd, group, and nothing in the way of mount points.
struct ImageRoot {
    let path: FilePath
    /// For an overlay, beside it.
    let upper: FilePath
    let work: FilePath

    init(in host: TestHost, name: String = "image") throws {
        path = host.directory.appending(name)
        upper = host.directory.appending("\(name).upper")
        work = host.directory.appending("\(name).work")
        for directory in [path.appending("bin"), path.appending("etc"), path.appending("home"), upper, work] {
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(atPath: Self.busybox, toPath: path.appending("bin/busybox").string)
        for applet in ["cat", "echo", "grep", "id", "ls", "mkdir", "pwd", "readlink", "sh", "sleep", "stat", "touch"] {
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

    func contents(of name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.appending(name).string).sorted()
    }
}
