// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot, .requiresTAP)
struct TAPLinkTests {
    @Test func staysWithItsOwner() throws {
        let namespace = try NetworkNamespace.create()
        try TAPLink.create("tap7", owner: 4242, group: 4343, in: namespace)
        let data = try runJSON(["ip", "-j", "-d", "link", "show", "tap7"], in: namespace)[0]["linkinfo"]["info_data"]
        #expect(data["type"].text == "tap")
        #expect(data["persist"].flag == true && data["vnet_hdr"].flag == true && data["multi_queue"].flag == false)
        // iproute2 writes a number that has no name as one.
        #expect(data["user"].text == "4242" || data["user"].integer == 4242)
        #expect(data["group"].text == "4343" || data["group"].integer == 4343)
    }

    @Test func aNameThatIsTakenIsRefused() throws {
        let namespace = try NetworkNamespace.create()
        try TAPLink.create("tap7", owner: 0, group: 0, in: namespace)
        let error = #expect(throws: LinuxError.self) {
            try TAPLink.create("tap7", owner: 0, group: 0, in: namespace)
        }
        #expect(error?.errno == .resourceBusy)
        #expect(error?.description.contains("tap7") == true)
        try run(["ip", "link", "add", "other", "type", "bridge"], in: namespace)
        #expect(throws: LinuxError.self) { try TAPLink.create("other", owner: 0, group: 0, in: namespace) }
    }
}
