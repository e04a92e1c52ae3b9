// SPDX-License-Identifier: Apache-2.0
import ECSAPI

/// What the reconciler found, and having it look now.
struct ReconciliationOperations: AgentPart {
    let reconciler: Reconciler

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.DescribeReconciliation.self) { _, _ in await reconciler.describe() }
        dispatcher.register(TaskNetworkAPI.Reconcile.self) { _, _ in
            try await reconciler.runAll()
            return await reconciler.describe()
        }
    }
}
