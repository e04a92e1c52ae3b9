// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON

/// Whether tasks find namespaces that are ready for them.
enum WarmPoolChecks {
    /// An older daemon does not know the operation.
    static func findings(_ client: ControlClient) throws(ControlError) -> [Finding] {
        do {
            return [finding(try client.call(TaskNetworkAPI.DescribeWarmPool.self, .init()))]
        } catch {
            if case .refused(_, let refusal) = error, refusal.type == "UnknownOperationException" { return [] }
            throw error
        }
    }

    static func finding(_ pool: WarmPoolDescription) -> Finding {
        if pool.minimum == 0 { return Finding(DaemonChecks.area, .ok, "no namespaces are made ready ahead of tasks") }
        if let failure = pool.failure {
            return Finding(
                DaemonChecks.area, .note,
                "no namespaces can be made ready ahead of tasks, which have their own made: \(EscapedText.of(failure))")
        }
        return Finding(
            DaemonChecks.area, .ok,
            """
            \(pool.ready) of \(pool.target) namespaces are ready for tasks; since tasknetd's start \(pool.taken) \
            task\(pool.taken == 1 ? "" : "s") took one and \(pool.missed) found none
            """)
    }
}
