// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

/// A cluster as the API describes it.
package struct Cluster: Hashable, Sendable, Codable {
    package struct Setting: Hashable, Sendable, Codable {
        package var name: String?
        package var value: String?
    }

    package var clusterArn: String?
    package var clusterName: String?
    package var configuration: JSONObject?
    /// `ACTIVE` and others
    package var status: String?
    package var registeredContainerInstancesCount: Int?
    package var runningTasksCount: Int?
    package var pendingTasksCount: Int?
    package var activeServicesCount: Int?
    package var statistics: [KeyValuePair]?
    package var tags: [ResourceTag]?
    package var settings: [Setting]?
    package var capacityProviders: [String]?
    package var defaultCapacityProviderStrategy: [CapacityProviderStrategyItem]?
    package var attachments: [TaskAttachment]?
    package var attachmentsStatus: String?
    package var serviceConnectDefaults: JSONObject?

    /// An active cluster of this host alone.
    package init(arn: ClusterARN, runningTasksCount: Int, pendingTasksCount: Int) {
        clusterArn = arn.description
        clusterName = arn.name
        status = "ACTIVE"
        registeredContainerInstancesCount = 1
        self.runningTasksCount = runningTasksCount
        self.pendingTasksCount = pendingTasksCount
        activeServicesCount = 0
        statistics = []
        tags = []
        settings = []
        capacityProviders = []
        defaultCapacityProviderStrategy = []
    }
}

package enum DescribeClusters: APIOperation {
    package static let target = "\(APITarget.ecs).DescribeClusters"

    package enum Field: String, APIEnumeration {
        case attachments = "ATTACHMENTS"
        case configurations = "CONFIGURATIONS"
        case settings = "SETTINGS"
        case statistics = "STATISTICS"
        case tags = "TAGS"

        package static var noun: String { "include" }
        package static var failureKind: ValidationFailure.Kind { .invalidParameter }
    }

    package struct Input: Hashable, Sendable, Codable {
        /// Names or ARNs; none means the default cluster.
        package var clusters: [String]?
        package var include: [Field]?

        package init(clusters: [String]? = nil, include: [Field]? = nil) {
            self.clusters = clusters
            self.include = include
        }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var clusters: [Cluster]?
        package var failures: [Failure]?

        package init(clusters: [Cluster], failures: [Failure] = []) {
            self.clusters = clusters
            self.failures = failures
        }
    }
}

package enum ListClusters: APIOperation {
    package static let target = "\(APITarget.ecs).ListClusters"

    package struct Input: Hashable, Sendable, Codable {
        package var nextToken: String?
        package var maxResults: Int?

        package init(nextToken: String? = nil, maxResults: Int? = nil) {
            self.nextToken = nextToken
            self.maxResults = maxResults
        }

        package func validate() throws(ValidationFailure) { try PageSize.validate(maxResults) }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var clusterArns: [String]?
        package var nextToken: String?

        package init(clusterArns: [String], nextToken: String? = nil) {
            self.clusterArns = clusterArns
            self.nextToken = nextToken
        }
    }
}
