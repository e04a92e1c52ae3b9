// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import SystemPackage
import Testing

@testable import Agent

@Suite("Control API: the host")
struct DescribeHostTests {
    @Test("DescribeHost tells the version and the paths of the configuration")
    func paths() async throws {
        var configuration = AgentConfiguration()
        configuration.stateDirectory = "/s"
        configuration.runtimeDirectory = "/r"
        configuration.pauseExecutable = "/p"
        let api = try TestAPI(configuration)
        let (status, document) = try await api.call("DescribeHost", "{}", prefix: APITarget.taskNetwork)
        #expect(status == 200)
        #expect(document["version"] as? String == agentVersion)
        #expect(document["stateDirectory"] as? String == "/s" && document["runtimeDirectory"] as? String == "/r")
        #expect(document["namespaceDirectory"] as? String == "/run/netns")
        #expect(document["pauseExecutable"] as? String == "/p")
    }
}
