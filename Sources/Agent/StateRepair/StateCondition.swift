// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// How a state directory is found by somebody who is not its daemon.
package enum StateCondition: Sendable, CustomStringConvertible {
    /// A daemon can start from it.
    case fit
    /// There is no database yet: a daemon starts empty.
    case absent
    case damaged(path: String, reason: String)
    /// Newer, another program's, in use, or not to be read.
    case unfit(StoreError)

    /// Looks, and writes nothing into the database. A daemon that has it makes it `inUse`.
    package init(ofDirectory directory: FilePath) {
        var status = stat()
        guard stat(directory.appending(Self.database).string, &status) == 0 || errno != ENOENT else {
            self = .absent
            return
        }
        do {
            let lock = try StateDirectoryLock(directory)
            self.init(ofDirectory: directory, heldBy: lock)
        } catch {
            self = .unfit(Self.storeError(error, directory.string))
        }
    }

    static let database: FilePath.Component = "tasknet.db"

    /// - Parameter lock: what keeps daemons away meanwhile.
    init(ofDirectory directory: FilePath, heldBy lock: StateDirectoryLock) {
        self = withExtendedLifetime(lock) { Self.look(at: directory.appending(Self.database).string) }
    }

    private static func look(at path: String) -> StateCondition {
        do {
            try Store.inspect(path)
        } catch StoreError.damaged(let path, let reason) {
            return .damaged(path: path, reason: reason)
        } catch {
            return .unfit(storeError(error, path))
        }
        var status = stat()
        return stat(path, &status) == 0 ? .fit : .absent
    }

    private static func storeError(_ error: any Error, _ path: String) -> StoreError {
        error as? StoreError ?? .inaccessible(path: path, reason: "\(error)")
    }

    package var description: String {
        switch self {
        case .fit: "fit"
        case .absent: "empty: there is no database yet"
        case .damaged(let path, let reason): "damaged: \(path): \(reason)"
        case .unfit(let error): "\(error)"
        }
    }
}
