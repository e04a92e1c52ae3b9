// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage
package import VPC

/// Which directory stands for which image. The process engine pulls nothing: an image is a root file system that is
/// there already.
package struct ImageCatalog: Sendable {
    /// Where a container's processes see their files.
    package enum Root: Hashable, Sendable {
        /// The host's own, as it is.
        case host
        /// A directory, never changed: what a container writes goes to a layer of its own.
        case directory(FilePath)
    }

    private let roots: [String: FilePath]

    package init(_ roots: [String: FilePath]) { self.roots = roots }

    /// The root of an image.
    ///
    /// A name is looked up as it is, then in the forms that mean the same to Docker, then without its tag or digest, so
    /// that one entry `busybox` serves `busybox:1.36` and `docker.io/library/busybox` too.
    /// - Throws: `ValidationFailure` that names the image and the mend.
    package func root(of image: String) throws(ValidationFailure) -> Root {
        if image == AgentConfiguration.hostImage { return .host }
        guard let path = Self.names(of: image).lazy.compactMap({ roots[$0] }).first else {
            throw ValidationFailure(
                .client,
                "Image '\(image)' is not known to the process engine: add it to 'images' in the configuration"
                    + " (image name: directory of its root file system) and reload tasknetd.")
        }
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw ValidationFailure(
                .client,
                "The root file system of image '\(image)', \(path), is not a directory on this host:"
                    + " make it, or correct 'images' in the configuration.")
        }
        return .directory(path)
    }

    static func names(of image: String) -> [String] {
        var names = [image]
        let untagged = withoutTag(image)
        if untagged != image { names.append(untagged) }
        for name in names {
            for prefix in ["docker.io/library/", "index.docker.io/library/", "library/", "docker.io/"]
            where name.hasPrefix(prefix) {
                names.append(String(name.dropFirst(prefix.count)))
                break
            }
        }
        return names
    }

    /// `registry:5000/name:tag@sha256:...` without what comes after the name.
    private static func withoutTag(_ image: String) -> String {
        let undigested = image.split(separator: "@", maxSplits: 1).first.map(String.init) ?? image
        guard let colon = undigested.lastIndex(of: ":") else { return undigested }
        return undigested[colon...].contains("/") ? undigested : String(undigested[..<colon])
    }
}
