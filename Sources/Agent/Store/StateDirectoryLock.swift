// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
package import SystemPackage

/// A state directory, held by this process alone.
///
/// The kernel lets go of the lock when the process ends, however it ends.
package final class StateDirectoryLock: Sendable {
    private let descriptor: OwnedDescriptor

    package init(_ directory: FilePath) throws {
        let path = directory.appending("tasknetd.lock")
        do {
            // Not truncated: what stands there is the holder's.
            descriptor = try OwnedDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        } catch {
            throw StoreError.inaccessible(path: path.string, reason: "\(error.errno)")
        }
        guard descriptor.withRaw({ flock($0, LOCK_EX | LOCK_NB) }) == 0 else {
            let error = Errno(rawValue: errno)
            guard error == .wouldBlock else {
                throw StoreError.inaccessible(path: path.string, reason: "\(error)")
            }
            let text = try? descriptor.read(upTo: 32, of: path.string)
            let digits = text.map { String(decoding: $0, as: UTF8.self).prefix { $0.isNumber } }
            throw StoreError.inUse(directory: directory.string, processID: digits.flatMap { Int32($0) })
        }
        // For whoever is refused. Not being able to write it does not make the lock any weaker.
        _ = descriptor.withRaw { ftruncate($0, 0) }
        try? descriptor.writeAll(Array("\(getpid())\n".utf8), to: path.string)
    }

    deinit {
        // By name, because closing alone may not: a child that is being forked holds the descriptor until it executes.
        _ = descriptor.withRaw { flock($0, LOCK_UN) }
    }
}
