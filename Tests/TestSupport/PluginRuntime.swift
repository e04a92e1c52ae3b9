// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
package import Linux
package import SystemPackage

/// Calls CNI plugins of the built `tasknet-cni` as a container runtime does: by a link with the plugin's name, variables in
/// the environment, the configuration on standard input.
package struct PluginRuntime: Sendable {
    /// With the links.
    package let directory: FilePath
    private let namespace: NetworkNamespace

    /// - Parameter host: where the links are kept, and the namespace that plugins are called in.
    package init(_ host: TestHost, plugins: [String]) throws {
        directory = host.directory.appending("cni-bin")
        namespace = host.namespace
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let program = try BuiltProduct.path("tasknet-cni").string
        for name in plugins where access(directory.appending(name).string, F_OK) != 0 {
            try FileManager.default.createSymbolicLink(
                atPath: directory.appending(name).string, withDestinationPath: program)
        }
    }

    /// One call.
    package struct Call: Sendable {
        package var plugin: String
        package var command: String
        package var containerID: String?
        package var networkNamespace: String?
        package var interfaceName: String?
        package var arguments: String?
        package var configuration: String
        /// More variables, or other values for those above.
        package var environment: [String: String] = [:]

        package init(
            _ plugin: String, _ command: String, containerID: String? = nil, networkNamespace: String? = nil,
            interfaceName: String? = "eth0", arguments: String? = nil, configuration: String
        ) {
            self.plugin = plugin
            self.command = command
            self.containerID = containerID
            self.networkNamespace = networkNamespace
            self.interfaceName = interfaceName
            self.arguments = arguments
            self.configuration = configuration
        }
    }

    package struct Answer: Sendable, CustomStringConvertible {
        package let status: ExitStatus
        package let output: String
        package let errors: String
        /// The document that was written; null where there was none.
        package let document: JSON

        package var succeeded: Bool { status == .exited(0) }
        /// Of an error.
        package var code: Int? { document["code"].integer }
        /// An error's texts together.
        package var message: String { "\(document["msg"].text ?? ""): \(document["details"].text ?? "")" }

        package var description: String { "\(status): \(output) \(errors)" }
    }

    package func run(_ call: Call) throws -> Answer {
        // A file and not a pipe: nobody has to feed it while the plugin runs.
        let path = directory.appending("input-\(UUID().uuidString)")
        let input = try OwnedDescriptor.open(path, O_CREAT | O_EXCL | O_RDWR, mode: 0o600)
        unlink(path.string)
        try input.writeAll(Array(call.configuration.utf8), to: "standard input")
        _ = input.withRaw { lseek($0, 0, SEEK_SET) }
        let output = try PipeEnds()
        let errors = try PipeEnds()
        let program = Program(
            path: directory.appending(call.plugin), arguments: [directory.appending(call.plugin).string],
            environment: environment(of: call).map { "\($0.key)=\($0.value)" },
            descriptors: [
                0: input.withRaw { $0 }, 1: output.writing.withRaw { $0 }, 2: errors.writing.withRaw { $0 },
            ])
        let process = try namespace.enter { try program.spawn() }
        let texts = try readBoth(output.intoReading(), errors.intoReading())
        return Answer(
            status: try process.reap(), output: texts.0, errors: texts.1,
            document: (try? JSON(parsing: texts.0)) ?? .null)
    }

    private func environment(of call: Call) -> [String: String] {
        var variables = ["CNI_COMMAND": call.command, "CNI_PATH": directory.string, "PATH": "/usr/sbin:/usr/bin"]
        variables["CNI_CONTAINERID"] = call.containerID
        variables["CNI_NETNS"] = call.networkNamespace
        variables["CNI_IFNAME"] = call.interfaceName
        variables["CNI_ARGS"] = call.arguments
        return variables.merging(call.environment) { _, given in given }
    }
}
