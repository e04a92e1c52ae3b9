// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ECSClient
import Foundation
import Glibc
import UnderTest
import VPC

/// Task networks up and down, batch by batch; after each batch the daemon comes to rest and is measured.
struct SoakTrial {
    let host: TrialHost
    let daemon: DaemonUnderTest
    let workers: Int

    /// In seconds.
    private static let patience = 120.0

    init(_ host: TrialHost, workers: Int) {
        self.host = host
        self.workers = workers
        daemon = DaemonUnderTest(host, environment: ["TASKNET_LOG_LEVEL=warning"])
    }

    /// - Returns: whether all stayed flat, and nothing failed.
    func run(networks: Int, every: Int) throws -> Bool {
        // What has stopped is forgotten between two batches, and the list of events is full while it is still warming up:
        // both have their full size in what is compared.
        try host.writeConfiguration(TrialHost.Variant(), taskCleanupWait: "1s", maximumEvents: 5000)
        guard try daemon.start() == .ready else { throw TrialFailure("the daemon does not start") }
        defer { _ = try? daemon.end(SIGTERM) }
        _ = try daemon.client.call(
            RegisterTaskDefinition.self,
            .init(family: "brief", containerDefinitions: TaskShape.brief.containers, networkMode: .awsvpc))
        var table = SoakTable()
        table.add(try SoakSample(daemon, networks: 0, perSecond: 0))
        var done = 0
        var failures: [String] = []
        while done < networks, failures.isEmpty {
            let batch = min(every, networks - done)
            let began = Date()
            failures = SoakWorkers(daemon, count: workers).run(batch, from: done)
            let seconds = Date().timeIntervalSince(began)
            done += batch
            try rest()
            table.add(try SoakSample(daemon, networks: done, perSecond: Double(batch) / seconds))
        }
        let differences = failures + table.growth()
        for difference in differences.prefix(20) { print("DIFFERENCE: \(difference)") }
        if !differences.isEmpty {
            for line in host.log(from: 0).suffix(40) { print("    \(line)") }
        }
        print(differences.isEmpty ? "flat" : "\(differences.count) differences")
        return differences.isEmpty
    }

    /// Until the daemon has forgotten all that has stopped.
    private func rest() throws {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while true {
            let survey = try APISurvey(daemon.client)
            let state = try HostSurvey(host)
            if survey.tasks.isEmpty, survey.interfaces.isEmpty, state.ours.isEmpty { return }
            guard Date() < deadline else {
                throw TrialFailure(
                    "not at rest: \(survey.tasks.count) tasks, \(survey.interfaces.count) ENIs, \(state.ours.count) links"
                )
            }
            usleep(50_000)
        }
    }
}
