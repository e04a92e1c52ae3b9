// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage

/// Calls the CNI plugin as a runtime does.
struct PluginCaller: Sendable {
    let directory: FilePath

    struct Answer: Sendable {
        let status: ExitStatus
        let output: String
    }

    /// - Parameter keeping: names of containers, for GC.
    func call(
        _ command: String, network: String, container: String?, subnet: String? = nil, keeping: [String]? = nil
    ) throws -> Answer {
        let program = directory.appending("tasknet")
        var environment = ["CNI_COMMAND=\(command)", "CNI_PATH=\(directory)"]
        if let container {
            environment += [
                "CNI_CONTAINERID=\(container)", "CNI_NETNS=/run/netns/\(container)", "CNI_IFNAME=eth0",
            ]
        }
        var members = [#""cniVersion": "1.1.0""#, #""name": "\#(network)""#, #""type": "tasknet""#]
        if let subnet { members.append(#""subnet": "\#(subnet)""#) }
        if command == "ADD" { members.append(#""securityGroups": ["\#(TrialHost.baseGroup)"]"#) }
        if command == "CHECK" { members.append(#""prevResult": {"dns": {}}"#) }
        if let keeping {
            let list = keeping.map { #"{"containerID": "\#($0)", "ifname": "eth0"}"# }.joined(separator: ", ")
            members.append(#""cni.dev/valid-attachments": [\#(list)]"#)
        }
        let text = "{" + members.joined(separator: ", ") + "}"
        let input = try OwnedDescriptor.inMemory(Array(text.utf8), named: "configuration")
        let output = try PipeEnds()
        let process = try Program(
            path: program, arguments: [program.string], environment: environment,
            descriptors: [0: input.withRaw { $0 }, 1: output.writing.withRaw { $0 }]
        ).spawn()
        let answer = try output.intoReading().readToEnd(of: "the plugin's answer")
        return Answer(status: try process.reap(), output: String(decoding: answer, as: UTF8.self))
    }
}
