// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// A state directory, held by this process alone.
///
/// The kernel lets go of the lock when the process ends, however it ends.
package final class StateDirectoryLock: Sendable {
    private let descriptor: FileDescriptor

    package init(_ directory: FilePath) throws {
        let path = directory.appending("tasknetd.lock")
        do {
            // Not truncated: what stands there is the holder's.
            descriptor = try FileDescriptor.open(
                path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw StoreError.inaccessible(path: path.string, reason: "\(error)")
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let error = Errno(rawValue: errno)
            let text = try? descriptor.readAll(upTo: 32)
            try? descriptor.close()
            guard error == .wouldBlock else {
                throw StoreError.inaccessible(path: path.string, reason: "\(error)")
            }
            let digits = text.map { String(decoding: $0, as: UTF8.self).prefix { $0.isNumber } }
            throw StoreError.inUse(directory: directory.string, processID: digits.flatMap { Int32($0) })
        }
        // For whoever is refused. Not being able to write it does not make the lock any weaker.
        try? descriptor.resize(to: 0)
        _ = try? descriptor.writeAll("\(getpid())\n".utf8)
    }

    deinit {
        // By name, because closing alone may not: a child that is being forked holds the descriptor until it executes.
        _ = flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
    }
}
