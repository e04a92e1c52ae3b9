// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

/// The database's file: what it may be, and what becomes of it.
@Suite(.requiresRoot) struct LeaseDatabaseTests {
    private func file(_ host: IPAMHost, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(filePath: host.database))
    }

    private func contents(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path))) }

    /// A first page as bolt writes it.
    private static let bolt: [UInt8] =
        [UInt8](repeating: 0, count: 8) + [4, 0, 0, 0, 0, 0, 0, 0] + [0xed, 0xda, 0x0c, 0xed, 2, 0, 0, 0]
        + [UInt8](repeating: 0, count: 4072)

    @Test func isOurs() throws {
        try IPAMHost.with { host in
            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            let status = try run(["stat", "-c", "%a", host.database]).output
            #expect(status == "600\n")
            let database = try SQLiteDatabase(path: host.database, patience: .zero)
            #expect(try database.integer("PRAGMA user_version") == 1)
        }
    }

    @Test func foreignFilesStayAsTheyAre() throws {
        for (bytes, text) in [
            (Self.bolt, "the original plugin's database (bolt)"), (Array("hello, world".utf8), "is no database"),
            (Array("SQLite format 3\0".utf8) + [UInt8](repeating: 7, count: 5000), "is damaged"),
        ] {
            try IPAMHost.with { host in
                try file(host, bytes)
                for command in ["ADD", "DEL", "STATUS"] {
                    let answer = try host.call(command, #"\#(IPAMHost.subnet),"id":"a""#, version: "1.1.0")
                    #expect(!answer.succeeded && answer.message.contains(text), "\(command): \(answer)")
                    #expect(answer.message.contains("IPAM_DB_PATH"), "\(answer)")
                }
                #expect(try contents(host.database) == bytes)
            }
        }
    }

    @Test func newerAndForeignDatabasesStayAsTheyAre() throws {
        for (sql, text) in [
            ("PRAGMA user_version = 2", "newer version of this plugin (schema 2)"),
            ("PRAGMA application_id = 5", "somebody else's SQLite database"),
        ] {
            try IPAMHost.with { host in
                try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
                try SQLiteDatabase(path: host.database, patience: .zero).execute(sql)
                let before = try contents(host.database)
                let answer = try host.call("ADD", #"\#(IPAMHost.subnet),"id":"b""#)
                #expect(answer.code == 100 && answer.message.contains(text), "\(answer)")
                #expect(try contents(host.database) == before)
            }
        }
        try IPAMHost.with { host in
            try file(host, [])
            try SQLiteDatabase(path: host.database, patience: .zero).execute("CREATE TABLE theirs (x)")
            let answer = try host.call("ADD", #"\#(IPAMHost.subnet),"id":"b""#)
            #expect(answer.message.contains("somebody else's SQLite database"), "\(answer)")
        }
    }

    @Test func whatIsOfAnEarlierBootIsPutAside() throws {
        let earlier = Array("00000000-0000-0000-0000-000000000000".utf8)
        try IPAMHost.with { host in
            let record = URL(filePath: host.database + "-boot")
            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            try Data(earlier).write(to: record)
            // Its namespace has ended with the host.
            try host.del(#"\#(IPAMHost.subnet),"id":"b""#)
            #expect(try host.add(#"\#(IPAMHost.subnet),"id":"a""#) == "10.7.0.2/24")
            #expect(try contents(record.path) == Array(BootID.current().utf8))
            let old = try SQLiteDatabase(path: host.database + "-earlier", patience: .zero)
            #expect(try old.integer("SELECT count(*) FROM address WHERE id = 'a'") == 1)
            // As a power failure may leave it.
            let torn = [UInt8](repeating: 0, count: 4096)
            try file(host, torn)
            let answer = try host.call("ADD", #"\#(IPAMHost.subnet),"id":"b""#)
            #expect(!answer.succeeded && answer.message.contains("is no database"), "\(answer)")
            #expect(try contents(host.database) == torn)
            try Data(earlier).write(to: record)
            #expect(try host.add(#"\#(IPAMHost.subnet),"id":"b""#) == "10.7.0.2/24")
            #expect(try contents(host.database + "-earlier") == torn)
        }
    }

    @Test func whatOthersHavePutThereIsNeverPutAside() throws {
        try IPAMHost.with { host in
            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            try Data("another boot".utf8).write(to: URL(filePath: host.database + "-boot"))
            try file(host, Self.bolt)
            #expect(try !host.call("ADD", #"\#(IPAMHost.subnet),"id":"a""#).succeeded)
            #expect(try contents(host.database) == Self.bolt)
        }
        // No record: nobody has said that it was ours.
        try IPAMHost.with { host in
            try file(host, Array("hello".utf8))
            for _ in 0..<2 { #expect(try !host.call("ADD", #"\#(IPAMHost.subnet),"id":"a""#).succeeded) }
            #expect(!FileManager.default.fileExists(atPath: host.database + "-boot"))
        }
    }

    @Test func aDatabaseWithoutARecordIsKept() throws {
        try IPAMHost.with { host in
            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            try FileManager.default.removeItem(atPath: host.database + "-boot")
            #expect(try host.add(#"\#(IPAMHost.subnet),"id":"b""#) == "10.7.0.3/24")
        }
    }

    @Test func anEmptyFileIsANewDatabase() throws {
        try IPAMHost.with { host in
            try file(host, [])
            #expect(try host.add(#"\#(IPAMHost.subnet),"id":"a""#) == "10.7.0.2/24")
        }
    }

    @Test func pathsThatAreNone() throws {
        try IPAMHost.with { host in
            let directory = host.test.directory
            let pipe = directory.appending("pipe").string
            #expect(mkfifo(pipe, 0o600) == 0)
            try Data("x".utf8).write(to: URL(filePath: directory.appending("plain").string))
            for path in [
                directory.string, pipe, directory.appending("plain/ipam.db").string, "/proc/x/ipam.db", "/dev/null",
            ] {
                let answer = try host.call("ADD", IPAMHost.subnet, environment: ["IPAM_DB_PATH": path])
                #expect(!answer.succeeded && answer.message.contains("IPAM_DB_PATH"), "\(path): \(answer)")
            }
            let new = directory.appending("a/b/c.db").string
            #expect(try host.call("ADD", IPAMHost.subnet, environment: ["IPAM_DB_PATH": new]).succeeded)
            #expect(try run(["stat", "-c", "%a", directory.appending("a/b").string]).output == "750\n")
            #expect(try host.call("ADD", IPAMHost.subnet, environment: ["IPAM_DB_PATH": "/dev/full/x"]).code == 5)
        }
    }

    @Test func readOnlyFileSystem() throws {
        try IPAMHost.with { host in
            let directory = host.test.directory.appending("ro").string
            mkdir(directory, 0o700)
            try run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", directory])
            defer { _ = try? run(["umount", directory]) }
            let answer = try host.call("ADD", IPAMHost.subnet, environment: ["IPAM_DB_PATH": "\(directory)/x/ipam.db"])
            #expect(answer.code == 5 && answer.message.contains("EROFS"), "\(answer)")
        }
    }

    @Test func waitsAsLongAsItIsTold() throws {
        try IPAMHost.with { host in
            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            let other = try SQLiteDatabase(path: host.database, patience: .zero)
            try other.execute("BEGIN IMMEDIATE")
            let short = ["IPAM_DB_CONNECTION_TIMEOUT": "50ms"]
            let answer = try host.call("ADD", #"\#(IPAMHost.subnet),"id":"b""#, environment: short)
            #expect(answer.code == 11 && answer.message.contains("IPAM_DB_CONNECTION_TIMEOUT"), "\(answer)")
            for text in ["5", "xyz", "-5s"] {
                let environment = ["IPAM_DB_CONNECTION_TIMEOUT": text]
                let answer = try host.call("ADD", IPAMHost.subnet, environment: environment)
                #expect(answer.code == 4 && answer.message.contains("IPAM_DB_CONNECTION_TIMEOUT"), "\(answer)")
            }
            try other.execute("ROLLBACK")
            #expect(try host.add(#"\#(IPAMHost.subnet),"id":"b""#) == "10.7.0.3/24")
        }
    }

    /// Processes that die at any point leave a database that works, and no address that is given out twice.
    @Test func killedProcesses() throws {
        try IPAMHost.with { host in
            for number in 0..<60 {
                let configuration = #"{"cniVersion":"1.0.0","name":"n","ipam":{\#(IPAMHost.subnet),"id":"\#(number)"}}"#
                let input = try OwnedDescriptor.inMemory(Array(configuration.utf8), named: "input")
                var variables = host.environment
                variables["CNI_COMMAND"] = "ADD"
                variables["CNI_CONTAINERID"] = "c"
                variables["CNI_IFNAME"] = "eth0"
                variables["CNI_NETNS"] = "/none"
                let path = host.runtime.directory.appending("ecs-ipam")
                let program = Program(
                    path: path, arguments: [path.string], environment: variables.map { "\($0.key)=\($0.value)" },
                    descriptors: [0: input.withRaw { $0 }])
                let process = try program.spawn()
                usleep(UInt32(number) * 150)
                try process.signal(SIGKILL)
                _ = try process.reap()
            }
            try host.add(#"\#(IPAMHost.subnet),"id":"last""#)
            let database = try SQLiteDatabase(path: host.database, patience: .seconds(5))
            #expect(try database.rows("PRAGMA integrity_check") { $0.text(0) } == ["ok"])
            let leases = try host.leases()
            #expect(Set(leases).count == leases.count)
        }
    }
}
