// SPDX-License-Identifier: Apache-2.0

import CNI
import Glibc
import Linux

/// All CNI plugins in one program: the name that it is called by selects the plugin.
@main
enum TasknetCNI {
    static func main() {
        // A log or a runtime that no longer reads is an error like others, and none that ends the program in the middle.
        signal(SIGPIPE, SIG_IGN)
        let arguments = CommandLine.arguments
        let name = arguments.first?.split(separator: "/").last.map(String.init) ?? ""
        let world = PluginWorld.process
        guard let plugin = PluginCatalog.plugin(named: name, in: world) else {
            finish(.init(errorOutput: usage(name), status: 64))
        }
        let program = PluginProgram(plugin, version: ProgramVersion.text)
        if let answer = program.answer(options: Array(arguments.dropFirst())) { finish(answer) }
        finish(program.run(in: world))
    }

    private static func usage(_ name: String) -> String {
        """
        \(name): this program is called by the name of a CNI plugin, by way of a link:
        ln -s tasknet-cni /opt/cni/bin/NAME
        The plugins are \(PluginCatalog.names.joined(separator: ", ")).

        """
    }

    private static func finish(_ outcome: PluginProgram.Outcome) -> Never {
        try? OwnedDescriptor(STDERR_FILENO).writeAll(Array(outcome.errorOutput.utf8), to: "standard error")
        do {
            try OwnedDescriptor(STDOUT_FILENO).writeAll(Array(outcome.output.utf8), to: "standard output")
        } catch {
            // A runtime that did not get the answer must not take it for given.
            exit(max(outcome.status, 1))
        }
        exit(outcome.status)
    }
}
