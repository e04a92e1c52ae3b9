// SPDX-License-Identifier: Apache-2.0
import Pause
import TaskDefinitions
import Testing

@testable import Agent

@Suite("Container launch")
struct ContainerLaunchTests {
    @Test("an empty working directory is none", arguments: [(nil, nil), ("", nil), ("/srv", "/srv")])
    func workingDirectory(given: String?, expected: String?) throws {
        var definition = ContainerDefinition(name: "web", image: "host")
        definition.workingDirectory = given
        let command = try CommandLaunch(definition, name: "web", arguments: ["true"])
        #expect(command.workingDirectory == expected)
    }
}
