// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Firewall
import Linux
import VPC

/// Why one end reaches the other, or does not.
struct NetworkPathOperations: AgentPart {
    let context: AgentContext
    let groups: SecurityGroupService
    /// The namespace that is the host's; nil for the daemon's own.
    var host: NetworkNamespace?

    private var configuration: AgentConfiguration { context.configuration.value }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.AnalyzeNetworkPath.self) { input, _ in try await analyze(input) }
    }

    private func analyze(
        _ input: TaskNetworkAPI.AnalyzeNetworkPath.Input
    ) async throws -> TaskNetworkAPI.AnalyzeNetworkPath.Output {
        try input.validate()
        let configuration = configuration
        try configuration.requireCluster(input.cluster)
        let (source, destination) = try await context.store.read { store in
            let model = try store.networkModel(configuration)
            return (
                try store.pathEnd(input.source, "Source", in: model),
                try store.pathEnd(input.destination, "Destination", in: model)
            )
        }
        let isProbed = input.probe == true
        if isProbed, !source.isHost, source.record == nil {
            throw APIError.invalidParameter(
                "Source \(source.text.shortened.debugDescription) cannot be probed from: it has to be a task, an ENI or "
                    + "host; leave out Probe for the model's answer")
        }
        let host = host
        let (analysis, namespace) = try await groups.look { model, firewall in
            let kernel = try PathKernel(host: host, configuration)
            let analysis = try PathAnalysis(from: source, to: destination, input, in: model, kernel, firewall)
            guard isProbed else { return (analysis, nil as NetworkNamespace?) }
            return (analysis, try source.record.map(kernel.namespace) ?? kernel.host.namespace)
        }
        var output = analysis.output
        guard isProbed else { return output }
        guard let namespace else {
            output.add(.init(result: .failed, text: "the source's network namespace is gone"), analysis.judgement)
            return output
        }
        let probe = NetworkProbe(
            path: analysis.path, transport: analysis.judgement.flow.transport, namespace: namespace)
        output.add(try await probe.run(), analysis.judgement)
        return output
    }
}
