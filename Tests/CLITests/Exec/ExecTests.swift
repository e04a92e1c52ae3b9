// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage
import Testing

@testable import tasknet

@Suite("Entering tasks")
struct ExecTests {
    @Test("User, groups and capabilities are read out of /proc")
    func identity() {
        let status = """
            Name:\tsh (x): y
            Uid:\t1000\t1001\t1002\t1003
            Gid:\t100\t101\t102\t103
            Groups:\t7 8 
            NoNewPrivs:\t1
            CapInh:\t0000000000000000
            CapBnd:\t00000000a80425fb
            """
        let expected = EnteredProgram.Identity(
            user: 1001, group: 101, groups: [7, 8], capabilities: 0xa804_25fb, noNewPrivileges: true)
        #expect(ProcessSurroundings.identity(status) == expected)
        #expect(ProcessSurroundings.identity("Uid:\t1\n") == nil)
        #expect(ProcessSurroundings.identity("") == nil)
    }

    @Test("This process's own surroundings")
    func ownSurroundings() throws {
        let surroundings = try ProcessSurroundings(of: getpid())
        #expect(surroundings.identity.user == geteuid())
        #expect(surroundings.environment.contains { $0.hasPrefix("PATH=") })
        #expect(surroundings.workingDirectory.hasPrefix("/"))
    }

    @Test("Messages of the pause process")
    func messages() {
        let message = PauseMessage(Array("child\0request=cli\0name=a=b\0pid=\0".utf8)[...])
        #expect(message?.verb == "child" && message?.fields == ["request": "cli", "name": "a=b", "pid": ""])
        #expect(PauseMessage([]) == nil)
        #expect(PauseMessage(Array("child\0nonsense\0".utf8)[...]) == nil)
        let container = PauseStatus.Container([
            "name": "app", "state": "running", "pid": "12", "start-time": "34",
        ])
        #expect(container == PauseStatus.Container(name: "app", isRunning: true, pid: 12, startTime: 34))
        #expect(PauseStatus.Container(["name": "e", "container": "app", "pid": "1", "start-time": "2"]) == nil)
        #expect(PauseStatus.Container(["name": "e", "pid": "x"]) == nil)
    }

    @Test("Names that would lead elsewhere are no paths", arguments: ["..", ".", "", "a/b", "a/", "/", "a\0b"])
    func paths(name: String) throws {
        let paths = HostPaths(socketPath: "/run/x/tasknet.sock")
        #expect(throws: CommandFailure.self) { try paths.log(of: SampleTasks.id("1"), container: name) }
        #expect(throws: CommandFailure.self) { try paths.pauseSocket(of: name) }
    }

    @Test("Paths follow the socket's directory")
    func defaults() throws {
        let paths = HostPaths(socketPath: "/run/x/tasknet.sock")
        #expect(try paths.pauseSocket(of: "ab").string == "/run/x/tasks/ab/pause.sock")
        #expect(try paths.log(of: "ab", container: "app").string.hasSuffix("/tasks/ab/containers/app/app.log"))
        let name = String(repeating: "n", count: 255)
        let file = try #require(paths.log(of: "ab", container: name).lastComponent).string
        #expect(file == String(repeating: "n", count: 247) + ".log")
    }
}
