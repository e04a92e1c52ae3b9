// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import UnderTest

/// Calls the CNI plugin as a runtime does.
struct PluginCaller: Sendable {
    let directory: FilePath

    /// - Parameter keeping: names of containers, for GC.
    func call(
        _ command: String, network: String, container: String?, subnet: String? = nil, keeping: [String]? = nil
    ) throws -> CalledProgram.Answer {
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
        return try CalledProgram(directory.appending("tasknet")).call(text, environment: environment)
    }
}
