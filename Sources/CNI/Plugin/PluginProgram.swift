// SPDX-License-Identifier: Apache-2.0

import JSON

/// The protocol around a plugin: reads the request, calls the plugin, and writes the answer. The one place where errors
/// become documents.
package struct PluginProgram {
    private let plugin: any CNIPlugin
    /// Of the program, for people.
    private let programVersion: String

    package init(_ plugin: any CNIPlugin, version: String) {
        self.plugin = plugin
        programVersion = version
    }

    /// What is left to be written, and the status to exit with.
    package struct Outcome: Hashable, Sendable {
        package var output = ""
        package var errorOutput = ""
        package var status: Int32 = 0

        package init(output: String = "", errorOutput: String = "", status: Int32 = 0) {
            self.output = output
            self.errorOutput = errorOutput
            self.status = status
        }
    }

    package func run(in world: PluginWorld) -> Outcome {
        let text = world["CNI_COMMAND"]
        if text.isEmpty { return introduction }
        guard let command = CNICommand(rawValue: text) else {
            return failure(
                CNIError(
                    .invalidEnvironment, "unknown CNI_COMMAND: \(EscapedText.of(text))",
                    details: "known are \(CNICommand.allCases.map(\.rawValue).joined(separator: ", "))"),
                .current)
        }
        if command == .version { return versions(in: world) }
        let request: CNIRequest
        var version = CNIVersion.current
        do throws(CNIError) {
            request = try CNIRequest(
                command, in: world, rules: plugin.rules, versions: plugin.versions, answerVersion: &version)
        } catch {
            return failure(error, version)
        }
        do {
            return Outcome(output: try answer(request).map { $0.indentedText + "\n" } ?? "")
        } catch let error as CNIError {
            return failure(error, request.version)
        } catch {
            return failure(CNIError(.failed, "\(error)"), request.version)
        }
    }

    /// What the program answers when it is called by hand, with options.
    package func answer(options: [String]) -> Outcome {
        var outcome = Outcome()
        for option in options {
            guard let text = plugin.answer(option: option, programVersion: programVersion) else {
                return Outcome(
                    errorOutput: "\(type(of: plugin).name): unknown option \(EscapedText.of(option))\n", status: 64)
            }
            outcome.output += text + "\n"
        }
        return outcome
    }

    private func answer(_ request: CNIRequest) throws -> JSONNode? {
        switch request.command {
        case .add: return try plugin.add(request).document(request.version)
        case .del: try plugin.del(request)
        case .check: try plugin.check(request)
        case .gc: try plugin.gc(request)
        case .status: try plugin.status(request)
        case .version: break
        }
        return nil
    }

    /// The version that was asked with, or the newest where the input does not say.
    private func versions(in world: PluginWorld) -> Outcome {
        let configuration = (try? world.readInput()).flatMap { try? JSONParser.parse($0) }
        let asked = configuration?["cniVersion"]?.string.flatMap { CNIVersion($0) } ?? .current
        let document: JSONNode = [
            "cniVersion": .string(asked.description),
            "supportedVersions": .array(plugin.versions.map { .string($0.description) }),
        ]
        return Outcome(output: document.compactText + "\n")
    }

    private func failure(_ error: CNIError, _ version: CNIVersion) -> Outcome {
        Outcome(output: error.document(version).indentedText + "\n", status: 1)
    }

    /// For somebody who runs the program by hand.
    private var introduction: Outcome {
        Outcome(
            errorOutput: """
                CNI \(type(of: plugin).name) plugin v\(programVersion), run by a container runtime with CNI_COMMAND set
                CNI protocol versions supported: \(plugin.versions.map(\.description).joined(separator: ", "))

                """)
    }
}
