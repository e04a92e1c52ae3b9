// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Reachability: ends", .requiresRoot)
struct PathEndTests {
    @Test("A task by its id, the beginning of it and its family; a sandbox by its container; an ENI; an address")
    func names() async throws {
        try await PathHost.with { path in
            let id = "0123456789abcdef0123456789abcdef"
            _ = try await path.host.base.runTask(id, on: path.daemon.network)
            try await path.box("f00dcafe1234")
            let address = try await path.address("f00dcafe1234")
            let eni = try await path.interface("f00dcafe1234").id
            let arn = path.host.base.context.configuration.value.arn(ofTask: id).description
            let ends = [id, "0123", "web", arn]
            for (number, end) in ends.enumerated() {
                let others = ["f00d", eni, String(eni.dropLast(3)), address]
                let found = try await path.why(end, others[number], port: 80, probe: true)
                #expect(found.networkPathFound)
                #expect(found.driftTexts == [])
                #expect(found.destination?.address == address)
                #expect(found.source?.component.name == "task \(id)")
                #expect(found.probe?.result == .refused)
            }
        }
    }

    @Test("What is not there, fits several, or cannot be")
    func refusals() async throws {
        try await PathHost.with { path in
            try await path.box("abc1")
            try await path.box("abc2")
            #expect(try await path.refusal("nobody", "host").contains("Source \"nobody\" is not known"))
            #expect(try await path.refusal("abc1", "eni-000").contains("Destination \"eni-000\" is not known"))
            let several = try await path.refusal("abc", "host")
            #expect(several.contains("fits 2") && several.contains("abc1") && several.contains("abc2"))
            #expect(try await path.refusal("abc1", "2001:db8::1").contains("no IP version in common"))
            #expect(try await path.refusal("", "host").contains("Source"))
            #expect(try await path.refusal("internet", "abc1", port: 80, probe: true).contains("cannot be probed from"))
            #expect(try await path.refusal("abc1", "abc2", port: 70_000).contains("DestinationPort"))
        }
    }
}
