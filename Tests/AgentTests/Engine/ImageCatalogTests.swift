// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Testing
import VPC

@testable import Agent

@Suite("Image catalog")
struct ImageCatalogTests {
    private let catalog = ImageCatalog(["busybox": "/", "registry:5000/team/app:2": "/", "unmade": "/nowhere/at/all"])

    @Test(
        "one entry serves every name that means the same image",
        arguments: [
            "busybox", "busybox:1.36", "docker.io/library/busybox", "library/busybox:latest", "busybox@sha256:0123",
            "registry:5000/team/app:2",
        ])
    func known(image: String) throws {
        #expect(try catalog.root(of: image) == .directory("/"))
    }

    @Test("the host's own root is an image of its own")
    func host() throws {
        #expect(try catalog.root(of: "host") == .host)
    }

    @Test(
        "an unknown image is refused by its name, with the mend",
        arguments: ["nginx", "registry:5000/team/app:3", "busybox/extra", "", "../../etc"])
    func unknown(image: String) {
        do {
            _ = try catalog.root(of: image)
            Issue.record("\(image) has a root")
        } catch {
            #expect(error.kind == .client)
            #expect(error.message.contains("'\(image)'"))
            #expect(error.message.contains("'images'"))
        }
    }

    @Test("a root that is not a directory is refused by its path")
    func unmade() {
        #expect(throws: ValidationFailure.self) { try catalog.root(of: "unmade") }
    }
}
