// SPDX-License-Identifier: Apache-2.0
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again at SIGHUP. A faulty one changes nothing, nor one that would take away what tasks stand on.
struct ConfigurationReload: Service {
    let context: AgentContext
    let parts: [any AgentPart]
    /// Trapped before the daemon says that it is ready: a signal that comes then is not lost.
    let hangups: UnixSignalsSequence
    let load: @Sendable () throws -> AgentConfiguration.Loaded

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            context.notifier?.notify(
                .reloading(monotonicMicroseconds: ServiceNotifier.monotonicMicroseconds()),
                .status("Reloading the configuration"))
            let outcome = await reload()
            context.notifier?.notify(.ready, .status(outcome))
        }
    }

    /// - Returns: what became of it, for people.
    func reload() async -> String {
        let logger = context.logger(for: "configuration")
        let loaded: AgentConfiguration.Loaded
        do {
            loaded = try load()
        } catch {
            return refused(error)
        }
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let old = context.configuration.value
        let difference = old.difference(to: loaded.configuration)
        let new = old.applyingLiveChanges(of: loaded.configuration)
        do {
            for part in parts { try await part.checkReload(to: new) }
        } catch {
            return refused(error)
        }
        context.configuration.refusal = nil
        for change in difference.live { logger.notice("\(change)") }
        for change in difference.needsRestart { logger.warning("\(change): taken at the next start of the daemon") }
        guard !difference.isEmpty else {
            var mended: [String] = []
            for part in parts { if let text = await part.mend() { mended.append(text) } }
            return (["Reloaded: nothing has changed"] + mended).joined(separator: ", ")
        }
        context.configuration.replace(new)
        StandardErrorLog.level.current = new.logLevel
        for part in parts { await part.configurationChanged(difference) }
        let waiting = difference.needsRestart.map(\.key.rawValue).joined(separator: ", ")
        return "Reloaded: \(difference.live.count) changed"
            + (waiting.isEmpty ? "" : ", a restart is needed for \(waiting)")
    }

    /// The daemon goes on with the configuration that it has.
    private func refused(_ error: any Error) -> String {
        context.configuration.refusal = "\(error)"
        context.logger(for: "configuration").error("not reloaded: \(error)")
        return "Not reloaded: \(error)"
    }
}
