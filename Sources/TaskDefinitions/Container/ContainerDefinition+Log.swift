// SPDX-License-Identifier: Apache-2.0

extension ContainerDefinition {
    /// How many log files a container can have: the newest, then `.1` and so on.
    package static let mostLogFiles = 1000

    /// The name of the newest log file of a container, in the container's own directory: `<name>.log`. Of the longest
    /// names it takes as much as leaves room for the older files' numbers.
    package static func logFileName(of container: String) -> String {
        let room = 255 - ".log.\(mostLogFiles - 1)".utf8.count
        return "\(container.prefix(room)).log"
    }
}
