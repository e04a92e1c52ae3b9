// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Linux

@Suite("Directory tree")
struct DirectoryTreeTests {
    private let directory: FilePath

    init() throws {
        let pattern = FileManager.default.temporaryDirectory.appending(path: "tasknet-tree-XXXXXX").path
        var template = Array(pattern.utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = FilePath(platformString: template)
    }

    private func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return lstat(path.string, &status) == 0
    }

    private func makeFile(_ path: FilePath) throws {
        try #require(FileManager.default.createFile(atPath: path.string, contents: Data("x".utf8)))
    }

    @Test("a tree that no path leads through, and that is deeper than there are descriptors, is removed")
    func deep() throws {
        let name = String(repeating: "d", count: 50)
        var current = try OwnedDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        for _ in 0..<1100 {
            let next = try current.withRaw { raw in
                try #require(mkdirat(raw, name, 0o700) == 0 && mkdirat(raw, "beside", 0o700) == 0)
                return openat(raw, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }
            try #require(next >= 0)
            current = OwnedDescriptor(next)
        }
        try DirectoryTree.remove(directory)
        #expect(!exists(directory))
    }

    @Test("links are removed and not followed, names are bytes")
    func links() throws {
        let tree = directory.appending("tree")
        let outside = directory.appending("outside")
        for path in [tree, outside, tree.appending("sub")] { try #require(mkdir(path.string, 0o700) == 0) }
        try makeFile(outside.appending("kept"))
        try makeFile(tree.appending("sub").appending("file"))
        try #require(symlink(outside.string, tree.appending("link").string) == 0)
        try #require(symlink("nowhere", tree.appending("sub").appending("dangling").string) == 0)
        try #require(mkfifo(tree.appending("pipe").string, 0o600) == 0)
        let odd: [CChar] = tree.string.utf8CString.dropLast() + [0x2F, -1, 0x0A, 0]
        try #require(mkdir(odd, 0o700) == 0)

        try DirectoryTree.remove(tree)
        #expect(!exists(tree))
        #expect(exists(outside.appending("kept")))

        try #require(symlink(outside.string, tree.string) == 0)
        #expect(throws: LinuxError.self) { try DirectoryTree.remove(tree) }
        #expect(exists(outside.appending("kept")))
        try #require(unlink(tree.string) == 0)
        try DirectoryTree.remove(directory)
    }

    @Test("one that is gone is gone")
    func gone() throws {
        try DirectoryTree.remove(directory)
        try DirectoryTree.remove(directory)
    }
}
