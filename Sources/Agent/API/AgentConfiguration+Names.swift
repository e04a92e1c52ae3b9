// SPDX-License-Identifier: Apache-2.0
package import ECSAPI

/// The names of this host's resources.
extension AgentConfiguration {
    package var arnScope: ARNScope { ARNScope(region: region, accountID: accountID) }

    package var clusterARN: ClusterARN { arn(ofCluster: cluster) }

    package func arn(ofCluster name: String) -> ClusterARN { ClusterARN(scope: arnScope, name: name) }

    package func arn(ofTask id: String) -> TaskARN { TaskARN(scope: arnScope, clusterName: cluster, id: id) }

    /// Whether a request that names this cluster, by name or ARN, means this host's. One that names none does: there is
    /// no other.
    package func isCluster(_ text: String?) -> Bool {
        guard let text, !text.isEmpty else { return true }
        return text.contains(":") ? ClusterARN(text)?.name == cluster : text == cluster
    }

    /// - Throws: `ClusterNotFoundException`.
    package func requireCluster(_ text: String?) throws(APIError) {
        guard isCluster(text) else { throw .clusterNotFound }
    }
}

extension ARNScope {
    /// Who registered something, as AWS would name a user of the account.
    func principal(userID: UInt32) -> String { "arn:\(partition):iam::\(accountID):user/uid-\(userID)" }
}
