// SPDX-License-Identifier: Apache-2.0
import Foundation
import Pause
import SystemPackage
import TaskDefinitions
import Testing

@testable import Agent

@Suite("Container directories")
struct ContainerDirectoriesTests {
    private let directory: TemporaryDirectory
    private let settings: EngineSettings

    init() throws {
        directory = try TemporaryDirectory()
        var configuration = AgentConfiguration()
        configuration.stateDirectory = directory.path.appending("state")
        settings = try EngineSettings(configuration)
    }

    private func directories(mounting names: [String], of volumes: [Volume]) -> ContainerDirectories {
        var container = ContainerDefinition(name: "web", image: "host")
        container.mountPoints = names.map { MountPoint(sourceVolume: $0, containerPath: "/\($0)") }
        var definition = TaskDefinition(family: "web", containerDefinitions: [container])
        definition.volumes = volumes
        return ContainerDirectories(of: container, in: definition, taskID: "1", settings: settings)
    }

    private func mode(of path: FilePath) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
    }

    @Test("the layer and the volumes are made, open to every user of the container")
    func made() throws {
        let source = directory.path.appending("data").appending("deep")
        let directories = directories(
            mounting: ["data", "scratch"],
            of: [Volume(name: "data", host: .init(sourcePath: source.string)), Volume(name: "scratch")])
        try directories.make()
        try directories.make()
        #expect(directories.volumes["data"] == source)
        for path in [directories.layer.upper, source, try #require(directories.volumes["scratch"])] {
            #expect(try mode(of: path) == 0o755)
        }
    }

    @Test("a volume that is a file stays one")
    func file() throws {
        let file = directory.path.appending("file")
        #expect(FileManager.default.createFile(atPath: file.string, contents: Data("x".utf8)))
        try directories(mounting: ["file"], of: [Volume(name: "file", host: .init(sourcePath: file.string))]).make()
        #expect(FileManager.default.contents(atPath: file.string) == Data("x".utf8))
    }

    @Test("a volume that the container does not mount is nothing to it")
    func unmounted() throws {
        let source = directory.path.appending("data")
        let directories = directories(
            mounting: [], of: [Volume(name: "data", host: .init(sourcePath: source.string))])
        try directories.make()
        #expect(directories.volumes.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: source.string))
    }

    @Test("a directory has its mode whatever the umask, and keeps the one that it had")
    func modes() throws {
        let path = directory.path.appending("a").appending("b")
        try Directory.make(path, mode: 0o777)
        #expect(try mode(of: path) == 0o777)
        #expect(try mode(of: directory.path.appending("a")) == 0o755)
        try Directory.make(path, mode: 0o700)
        #expect(try mode(of: path) == 0o777)
    }
}
