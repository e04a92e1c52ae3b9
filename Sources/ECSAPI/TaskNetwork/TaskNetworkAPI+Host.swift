// SPDX-License-Identifier: Apache-2.0

extension TaskNetworkAPI {
    /// Tells where the daemon keeps things on its host, for programs beside it: where logs are, where namespaces are bound.
    package enum DescribeHost: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeHost"

        package struct Input: Hashable, Sendable, Codable {
            package init() {}
        }

        package struct Output: Hashable, Sendable, Codable {
            /// The daemon's.
            package var version: String?
            /// Absolute paths.
            package var stateDirectory: String
            package var runtimeDirectory: String
            package var namespaceDirectory: String
            package var pauseExecutable: String?
            /// Why the last reload of the configuration changed nothing; nil when it was taken.
            package var reloadRefusal: String?
            /// The host's links that forward for tasks alone, because the daemon switched it on.
            package var forwardingLinks: [String]?

            package init(
                version: String?, stateDirectory: String, runtimeDirectory: String, namespaceDirectory: String,
                pauseExecutable: String?
            ) {
                self.version = version
                self.stateDirectory = stateDirectory
                self.runtimeDirectory = runtimeDirectory
                self.namespaceDirectory = namespaceDirectory
                self.pauseExecutable = pauseExecutable
            }
        }
    }
}
