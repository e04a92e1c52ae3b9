// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// All that there is at a moment, by the daemon's word and by the kernel's.
struct Survey: Sendable {
    let api: APISurvey
    let host: HostSurvey
    let processes: ProcessSurvey
    /// Of each namespace by its name: the tasks' and the trial's own.
    let namespaces: [String: NamespaceSurvey]

    /// - Parameter api: what the daemon has just said.
    init(_ daemon: DaemonUnderTest, _ api: APISurvey) throws {
        self.api = api
        host = try HostSurvey(daemon.host)
        processes = try ProcessSurvey()
        var namespaces: [String: NamespaceSurvey] = [:]
        for name in host.namespaces {
            namespaces[name] = try? NamespaceSurvey(at: daemon.host.namespaceDirectory.appending(name))
        }
        self.namespaces = namespaces
    }
}
