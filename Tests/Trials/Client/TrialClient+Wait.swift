// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Glibc
import VPC

extension TrialClient {
    func awaitRunning(_ task: Int) -> Outcome {
        guard let arn = ledger.tasks[task]?.arn else { return .skipped }
        return wait {
            let (outcome, output) = call(DescribeTasks.self, DescribeTasks.Input(tasks: [arn]))
            guard outcome == .acknowledged else { return outcome }
            let status = output?.tasks?.first?.lastStatus
            return status == .running || status == .stopped ? .acknowledged : nil
        }
    }

    func awaitAttached(_ slot: Int) -> Outcome {
        guard let device = ledger.devices[slot], device.attachment == .yes else { return .skipped }
        return wait {
            let (outcome, output) = call(
                TaskNetworkAPI.ListNetworkInterfaces.self, TaskNetworkAPI.ListNetworkInterfaces.Input())
            guard outcome == .acknowledged else { return outcome }
            let interface = output?.networkInterfaces?.first { $0.networkInterfaceId == device.networkInterfaceID }
            return interface?.status == .attaching ? nil : .acknowledged
        }
    }

    /// - Parameter look: nil for not yet.
    private func wait(_ look: () -> Outcome?) -> Outcome {
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while .now < deadline {
            if let outcome = look() { return outcome }
            usleep(5000)
        }
        return .skipped
    }
}
