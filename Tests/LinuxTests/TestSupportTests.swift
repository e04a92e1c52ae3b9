// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct TestSupportTests {
    @Test func nothingOfAHostStaysAlsoAfterAnError() throws {
        struct Surprise: Error {}
        var directory: FilePath = ""
        #expect(throws: Surprise.self) {
            try TestHost.with { host in
                directory = host.directory
                _ = try host.makeNamespace("task")
                try run(["ip", "link", "add", "left", "type", "veth", "peer", "name", "right"], in: host.namespace)
                throw Surprise()
            }
        }
        #expect(!directory.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: directory.string))
        #expect(try !TextFile.read("/proc/self/mountinfo").contains(directory.string))
    }

    @Test func kernelsAreAskedForWhatTheyCanMake() {
        #expect(KernelSupport.whyMissing("veth") == nil)
        let reason = KernelSupport.whyMissing("no-such-kind")
        #expect(reason?.hasPrefix("this kernel makes no no-such-kind links") == true)
    }

    @Test(.requiresKernel("dummy")) func aKernelWithDummyLinksMakesThem() throws {
        let namespace = try NetworkNamespace.create()
        try run(["ip", "link", "add", "x", "type", "dummy"], in: namespace)
    }

    @Test func jsonIsLookedInto() throws {
        let document = try JSON(parsing: #"[{"a": [1, "b", true, 1.5, null]}]"#)
        #expect(document[0]["a"][0].integer == 1)
        #expect(document[0]["a"].texts == ["b"])
        #expect(document[0]["a"][2].flag == true)
        #expect(document[0]["a"][3].number == 1.5)
        #expect(document[0]["a"][4].isNull)
        #expect(document[7]["x"][0].isNull)
    }

    @Test func unbuiltProgramsAreNamed() throws {
        let error = #expect(throws: LinuxError.self) { try BuiltProduct.path("no-such-program") }
        #expect(error?.description.contains("swift build --product no-such-program") == true)
    }
}
