// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Glibc
import JSON
import Linux
import Logging
import SystemPackage

/// Deletions that could not be asked for because there was no daemon: one file each, left by whoever wanted to.
struct SandboxDeletions: Sendable {
    private static let suffix = ".json"
    /// In bytes: an attachment's three names, a path, and room.
    private static let largest = 64 << 10

    let directory: FilePath
    let log: Logger

    struct Deletion: Sendable {
        var path: FilePath
        var input: SandboxAttachmentReference
    }

    /// Those that are there. What cannot be understood is put aside, so that it is told once and bothers nobody.
    func pending() -> [Deletion] {
        let names: [String]
        do {
            names = try DirectoryNames.read(directory.string)
        } catch {
            if error.errno != .noSuchFileOrDirectory {
                log.error("deletions are not read", metadata: ["error": "\(error)"])
            }
            return []
        }
        // One that is still being written begins with a dot.
        return names.sorted().filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }.compactMap { name in
            let path = directory.appending(name)
            do {
                return Deletion(path: path, input: try read(path))
            } catch let error as LinuxError where error.errno == .noSuchFileOrDirectory {
                return nil
            } catch {
                putAside(path, because: error)
                return nil
            }
        }
    }

    private func read(_ path: FilePath) throws -> SandboxAttachmentReference {
        let file = try OwnedDescriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, operation: "read")
        var status = stat()
        guard file.withRaw({ fstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw LinuxError("read", path.string, .invalidArgument, reason: "it is no regular file")
        }
        let bytes = try file.readToEnd(of: path.string, limit: Self.largest)
        let input = try JSONDecoding.value(of: SandboxAttachmentReference.self, in: bytes)
        try input.validate()
        return input
    }

    private func putAside(_ path: FilePath, because error: any Error) {
        let aside = path.string + ".unreadable"
        let isAside = rename(path.string, aside) == 0
        log.error(
            "a deletion cannot be read and is not done",
            metadata: ["file": "\(isAside ? aside : path.string)", "error": "\(error)"])
    }

    func remove(_ deletion: Deletion) {
        guard unlink(deletion.path.string) != 0, Errno.last != .noSuchFileOrDirectory else { return }
        log.error("a deletion that is done stays", metadata: ["file": "\(deletion.path)", "error": "\(Errno.last)"])
    }
}
