// SPDX-License-Identifier: Apache-2.0
import Firewall
import Netfilter
import TestSupport
import Testing
import VPC

@Suite(.requiresRoot) struct ApplyTests {
    @Test func anEmptyStateTwice() throws {
        try VPCHost.with { host in
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state) == [])
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state) == [])
        }
    }

    @Test func tasksReachEachOtherWhereTheirGroupsSaySo() throws {
        try VPCHost.with { host in
            host.state.securityGroups = [
                Sample.group(1, try Sample.allOut(1) + Sample.allIn(3)), Sample.group(2, try Sample.allOut(5)),
            ]
            try host.firewall.apply(host.state)
            let a = try host.addTask("a", groups: [Sample.id("sg", 1)])
            let b = try host.addTask("b", groups: [Sample.id("sg", 2)])
            #expect(try host.answers(a.ipv4, to: b.namespace, expected: true))
            #expect(try host.answers(a.ipv6, to: b.namespace, expected: true))
            #expect(try !host.answers(b.ipv4, to: a.namespace, expected: false))
            #expect(try host.counters("b").deniedIngress.packets == 1)
            #expect(try host.firewall.check(host.state) == [])
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state) == [])
            #expect(try host.counters("b").deniedIngress.packets == 1)
        }
    }
}
