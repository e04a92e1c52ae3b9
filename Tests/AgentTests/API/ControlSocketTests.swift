// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import Testing

@testable import Agent

@Suite("Control socket")
struct ControlSocketTests {
    private let directory: TemporaryDirectory
    private let path: FilePath

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path.appending("control.sock")
    }

    private func listen(groupID: UInt32? = nil) throws -> ControlSocket {
        try ControlSocket.listen(at: path, mode: [.ownerReadWrite, .groupReadWrite], groupID: groupID)
    }

    @Test("It is made with its mode and group")
    func permissions() throws {
        let socket = try listen(groupID: getegid())
        defer { close(socket.descriptor) }
        let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
        #expect(attributes[.posixPermissions] as? Int == 0o660)
        #expect(attributes[.groupOwnerAccountID] as? UInt32 == getegid())
        _ = try UnixClient(connectingTo: path)
        socket.remove()
        #expect(!FileManager.default.fileExists(atPath: path.string))
    }

    @Test("A stale one is replaced")
    func stale() throws {
        let before = try listen().descriptor
        // A child that another test starts at this moment may have it open, too: closing alone does not end it.
        shutdown(before, CInt(SHUT_RDWR))
        close(before)
        let socket = try listen()
        defer { close(socket.descriptor) }
        _ = try UnixClient(connectingTo: path)
    }

    @Test("One that is served is left alone, and its server named")
    func served() throws {
        let socket = try listen()
        defer { close(socket.descriptor) }
        let error = #expect(throws: ControlSocket.Failure.self) { try listen() }
        #expect(error == .alreadyServed(path: path.string, processID: getpid()))
        _ = try UnixClient(connectingTo: path)
    }

    @Test("What is no socket is left alone")
    func inTheWay() throws {
        try Data("precious".utf8).write(to: URL(filePath: path.string))
        #expect(throws: ControlSocket.Failure.inTheWay(path: path.string)) { try listen() }
        #expect(try String(contentsOfFile: path.string, encoding: .utf8) == "precious")
    }

    @Test("A path that is too long is told")
    func tooLong() {
        let long = FilePath("/" + String(repeating: "a", count: 120))
        #expect(throws: ControlSocket.Failure.tooLong(path: long.string)) {
            try ControlSocket.listen(at: long, mode: .ownerReadWrite, groupID: nil)
        }
    }

    @Test("Another's socket in its place is not removed")
    func removal() throws {
        let socket = try listen()
        defer { close(socket.descriptor) }
        unlink(path.string)
        let other = try listen()
        defer { close(other.descriptor) }
        socket.remove()
        _ = try UnixClient(connectingTo: path)
    }

    @Test("systemd's is found by name, and must be a listening one")
    func inherited() throws {
        let socket = try listen()
        defer { close(socket.descriptor) }
        var descriptors = ListenDescriptors([:], processID: getpid())
        #expect(try ControlSocket.inherited(descriptors) == nil)
        descriptors = ListenDescriptors(named: ["tasknetd.socket": [socket.descriptor], "endpoint": [1, 2]])
        #expect(try ControlSocket.inherited(descriptors)?.descriptor == socket.descriptor)
        // What a client leaves beside it is looked for there, whatever the configuration says.
        #expect(try ControlSocket.inherited(descriptors)?.boundPath == socket.path)
        descriptors = ListenDescriptors(named: ["endpoint": [1, 2]])
        #expect(try ControlSocket.inherited(descriptors) == nil)
        let client = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        #expect(throws: ControlSocket.Failure.notListening(descriptor: client)) {
            try ControlSocket.inherited(ListenDescriptors(named: ["control": [client]]))
        }
    }

    @Test("Root, the owner and the group's members may call, nobody else")
    func access() {
        let access = ControlAccess(ownerID: 10, groupID: 20)
        #expect(access.allows(ControlPeer(processID: 1, userID: 0, groupID: 0)))
        #expect(access.allows(ControlPeer(processID: 1, userID: 10, groupID: 5)))
        #expect(access.allows(ControlPeer(processID: 1, userID: 11, groupID: 20)))
        #expect(access.allows(ControlPeer(processID: 1, userID: 11, groupID: 5, supplementaryGroupIDs: [4, 20])))
        #expect(!access.allows(ControlPeer(processID: 1, userID: 11, groupID: 5, supplementaryGroupIDs: [4])))
        #expect(!ControlAccess(ownerID: 10, groupID: nil).allows(ControlPeer(processID: 1, userID: 20, groupID: 20)))
        #expect(ControlAccess.groupID(named: "root") == 0)
        #expect(ControlAccess.groupID(named: "no-such-group-here") == nil)
    }
}
