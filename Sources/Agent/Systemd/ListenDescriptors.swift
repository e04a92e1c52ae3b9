// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Descriptors that systemd opened for the daemon: `sd_listen_fds_with_names(3)`.
package struct ListenDescriptors: Sendable, Equatable {
    /// By the names of the socket units (`FileDescriptorName=`).
    package private(set) var byName: [String: [CInt]] = [:]

    /// SD_LISTEN_FDS_START.
    private static let first: CInt = 3

    /// Takes what is meant for this process, and keeps it from the programs that the process starts.
    package static func taken(from environment: [String: String]) -> ListenDescriptors {
        let descriptors = ListenDescriptors(environment, processID: getpid())
        for descriptor in descriptors.byName.values.joined() { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return descriptors
    }

    init(named descriptors: [String: [CInt]]) { byName = descriptors }

    init(_ environment: [String: String], processID: Int32) {
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == processID,
            let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), (1...1024).contains(count)
        else { return }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for offset in 0..<count {
            let name = Int(offset) < names.count ? String(names[Int(offset)]) : ""
            byName[name.isEmpty ? "unknown" : name, default: []].append(Self.first + offset)
        }
    }
}
