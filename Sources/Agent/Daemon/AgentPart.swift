// SPDX-License-Identifier: Apache-2.0
package import ServiceLifecycle

/// A part of the daemon: operations of the control API, work of its own, or both.
///
/// In this order: `prepare`, `register`, then READY to systemd and `run`.
package protocol AgentPart: Service {
    /// Brings the part to where it can answer (recovery after a restart). The daemon is not ready before.
    func prepare() async throws

    /// Adds the operations that the part answers.
    func register(in dispatcher: inout APIDispatcher)

    /// Asked before a reload changes anything.
    /// - Throws: why it must not: something that runs stands on what it would take away. Nothing is changed then.
    func checkReload(to configuration: AgentConfiguration) async throws

    /// Told after a reload that changed what can be changed in a running daemon.
    func configurationChanged(_ difference: ConfigurationDifference) async

    /// Asked at a reload in which nothing has changed: puts right what is not as the configuration says.
    /// - Returns: what was put right, for people; nil when nothing was.
    func mend() async -> String?

    /// Returns when what must not hang has answered: no answer, and systemd's watchdog restarts the daemon.
    func proveAlive() async throws
}

extension AgentPart {
    package func prepare() async throws {}
    package func register(in dispatcher: inout APIDispatcher) {}
    package func checkReload(to configuration: AgentConfiguration) async throws {}
    package func configurationChanged(_ difference: ConfigurationDifference) async {}
    package func mend() async -> String? { nil }
    package func proveAlive() async throws {}

    /// Nothing of its own to do: waits for the end.
    package func run() async throws { try? await gracefulShutdown() }
}
