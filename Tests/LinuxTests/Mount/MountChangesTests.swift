// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Changes of what is mounted", .requiresRoot)
struct MountChangesTests {
    @Test("one that came while nobody waited is told as well, and the wait for the next ends with its task")
    func between() async throws {
        try await TestHost.with { host in
            let changes = try MountChanges()
            let place = host.directory.appending("place").string
            try run(["mkdir", place])
            for command in [["mount", "-t", "tmpfs", "tmpfs", place], ["umount", place]] {
                // Other tests mount, too: what they do may be told instead, but never nothing.
                try run(command)
                #expect(await changes.next())
            }
            let waiting = Task {
                while await changes.next() {}
            }
            waiting.cancel()
            await waiting.value
        }
    }
}
