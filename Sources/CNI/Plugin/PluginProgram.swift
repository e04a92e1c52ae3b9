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

    /// What the program answers when it is called by hand, with options; nil where there is none among the words.
    ///
    /// As Go's programs have it, and so the plugins of others: with one dash or two, up to the first word that is no
    /// option. Of several the version is told.
    package func answer(options words: [String]) -> Outcome? {
        var answers: [(option: String, text: String)] = []
        for word in words {
            guard word.hasPrefix("-"), word != "-", word != "--" else { break }
            let option = "--" + word.drop { $0 == "-" }
            if option == "--help" || option == "--h" { return Outcome(errorOutput: optionsUsage) }
            guard let text = plugin.answer(option: option, programVersion: programVersion) else {
                return Outcome(
                    errorOutput: "flag provided but not defined: \(EscapedText.of(word))\n" + optionsUsage, status: 2)
            }
            answers.append((option, text))
        }
        guard let answer = answers.first(where: { $0.option == "--version" }) ?? answers.first else { return nil }
        return Outcome(output: answer.text + "\n")
    }

    private var optionsUsage: String {
        let options = ["--capabilities", "--version"].filter {
            plugin.answer(option: $0, programVersion: programVersion) != nil
        }
        return "Usage of \(type(of: plugin).name):\n" + options.map { "  \($0)\n" }.joined()
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
        let asked = configuration?.key("cniVersion").node?.string.flatMap { CNIVersion($0) } ?? .current
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
