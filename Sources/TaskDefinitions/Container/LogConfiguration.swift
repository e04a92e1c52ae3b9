// SPDX-License-Identifier: Apache-2.0
import VPC

package enum LogDriver: String, APIEnumeration {
    case jsonFile = "json-file"
    case syslog, journald, gelf, fluentd, awslogs, splunk, awsfirelens

    package static var noun: String { "log driver" }
}

/// Where a container's output goes.
package struct LogConfiguration: Hashable, Sendable, Codable {
    package var logDriver: LogDriver
    package var options: [String: String]?
    package var secretOptions: [Secret]?

    package init(logDriver: LogDriver, options: [String: String]? = nil) {
        self.logDriver = logDriver
        self.options = options
    }
}

package struct FirelensConfiguration: Hashable, Sendable, Codable {
    package var type: String
    package var options: [String: String]?
}
