// SPDX-License-Identifier: Apache-2.0

package import CNI
import JSON

/// A plugin with its log: the one place where it is written down what was asked, and what went wrong.
package struct LoggedPlugin<Plugin: AWSPlugin>: CNIPlugin {
    private let plugin: Plugin
    private let log: PluginLog

    /// - Parameter plugin: makes the plugin, which may have more to say in the log.
    package init(environment: [String: String], _ plugin: (PluginLog) -> Plugin) {
        log = PluginLog(Plugin.origin, defaultFile: Plugin.defaultLogFile, environment: environment)
        self.plugin = plugin(log)
    }

    package static var name: String { Plugin.name }
    package var versions: [CNIVersion] { plugin.versions }
    package var rules: RequestRules { plugin.rules }

    package func add(_ request: CNIRequest) throws -> CNIResult { try logging(request) { try plugin.add(request) } }
    package func del(_ request: CNIRequest) throws { try logging(request) { try plugin.del(request) } }
    package func check(_ request: CNIRequest) throws { try logging(request) { try plugin.check(request) } }
    package func gc(_ request: CNIRequest) throws { try logging(request) { try plugin.gc(request) } }
    package func status(_ request: CNIRequest) throws { try logging(request) { try plugin.status(request) } }

    package func answer(option: String, programVersion: String) -> String? {
        plugin.answer(option: option, programVersion: programVersion)
    }

    private func logging<Answer>(_ request: CNIRequest, _ body: () throws -> Answer) throws -> Answer {
        let what = "\(Plugin.name) \(request.command.rawValue)"
        log.info(
            "\(what): container \(request.containerID), namespace \(request.networkNamespace), "
                + "interface \(request.interfaceName)")
        log.debug("\(what): network config \(request.configuration.document.compactText)")
        do {
            let answer = try body()
            log.debug("\(what): done")
            return answer
        } catch {
            log.error("\(what): \(error)")
            throw error
        }
    }
}
