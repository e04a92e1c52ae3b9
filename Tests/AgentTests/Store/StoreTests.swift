// SPDX-License-Identifier: Apache-2.0
import Addressing
import CSQLite
import Foundation
import GRDB
import SystemPackage
import TaskDefinitions
import Testing
import VPC

@testable import Agent

@Suite("Store: opening")
struct StoreOpeningTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var state: FilePath { directory.path.appending("a/b/state") }

    private func mode(_ path: FilePath) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
    }

    @Test("It makes its directory and files for itself alone")
    func modes() async throws {
        let store = try Store(directory: state)
        try await store.write { try $0.setMetadata("a", "1") }
        #expect(try mode(state) == 0o700)
        for file in ["tasknet.db", "tasknet.db-wal", "tasknet.db-shm", "tasknetd.lock"] {
            #expect(try mode(state.appending(file)) == 0o600, "\(file)")
        }
    }

    @Test("What was written is there again, also without the WAL having been folded in")
    func reopening() async throws {
        do {
            let store = try Store(directory: state)
            try await store.write { try $0.setMetadata("a", "1") }
            try await store.write(.host) { try $0.setMetadata("b", "2") }
        }
        let store = try Store(directory: state)
        let values = try await store.read { [try $0.metadata("a"), try $0.metadata("b"), try $0.metadata("c")] }
        #expect(values == ["1", "2", nil])
    }

    @Test("A write that throws leaves nothing behind", arguments: [Store.Durability.process, .host])
    func rollback(durability: Store.Durability) async throws {
        struct Change: Error {}
        let store = try Store(directory: state)
        await #expect(throws: Change.self) {
            try await store.write(durability) { transaction in
                try transaction.setMetadata("a", "1")
                throw Change()
            }
        }
        let value = try await store.read { try $0.metadata("a") }
        #expect(value == nil)
    }

    @Test("A read leaves nothing behind, and takes no statement's compilation away")
    func reading() async throws {
        let store = try Store(directory: state)
        let compilations = try await Blocking.task {
            for _ in 0..<3 {
                try await store.write { try $0.setMetadata("a", "1") }
                try await store.read { store in
                    let value = try store.metadata("a")
                    #expect(value == "1")
                    _ = try? store.setMetadata("a", "2")
                }
            }
            return try await store.read { store in
                let value = try store.metadata("a")
                #expect(value == "1")
                let statement = try store.database.cachedStatement(sql: "SELECT value FROM metadata WHERE key = ?")
                return sqlite3_stmt_status(statement.sqliteStatement, SQLITE_STMTSTATUS_REPREPARE, 0)
            }
        }.value
        #expect(compilations == 0)
    }

    @Test("A second daemon is refused, and told who the first is")
    func locked() throws {
        let store = try Store(directory: state)
        let error = #expect(throws: StoreError.self) { try Store(directory: state) }
        #expect(error == .inUse(directory: state.string, processID: getpid()))
        #expect(error?.description.contains("is in use by the tasknetd with pid \(getpid())") == true)
        withExtendedLifetime(store) {}
    }

    @Test("Being refused closes nothing that is somebody else's")
    func refusedOften() async throws {
        let store = try Store(directory: state)
        let state = state
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<1000 {
                    #expect(throws: StoreError.self) { try StateDirectoryLock(state) }
                    await Task.yield()
                }
            }
            // A number that was closed twice would be one of these the second time.
            group.addTask {
                for _ in 0..<20_000 {
                    let mine = try FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec)
                    await Task.yield()
                    try mine.close()
                }
            }
            try await group.waitForAll()
        }
        withExtendedLifetime(store) {}
    }

    @Test("The lock ends with the store")
    func unlocked() throws {
        _ = try Store(directory: state)
        _ = try Store(directory: state)
    }

    @Test("The lock ends with the store, also while a child that was forked meanwhile still has its descriptor")
    func unlockedBesideChild() throws {
        let inherited = try {
            let store = try Store(directory: state)
            defer { withExtendedLifetime(store) {} }
            return try #require(try descriptors(of: state.appending("tasknetd.lock")).first).duplicate()
        }()
        defer { try? inherited.close() }
        _ = try Store(directory: state)
    }

    /// This process's descriptors of a file.
    private func descriptors(of file: FilePath) throws -> [FileDescriptor] {
        let table = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: table).filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(table)/\($0)")) == file.string
        }.compactMap { CInt($0).map(FileDescriptor.init(rawValue:)) }
    }

    @Test("A state directory that cannot be made is told")
    func inaccessible() throws {
        try Data().write(to: URL(filePath: directory.path.appending("file").string))
        let error = #expect(throws: StoreError.self) {
            try Store(directory: directory.path.appending("file").appending("state"))
        }
        #expect(error?.description.contains("Not a directory") == true)
    }

    @Test("A boot is told from the one before")
    func boots() async throws {
        let store = try Store(directory: state)
        let changes = try await store.write { transaction in
            [try transaction.recordBoot("a"), try transaction.recordBoot("a"), try transaction.recordBoot("b")]
        }
        #expect(changes == [.first, .same, .rebooted(previous: "a")])
    }
}

@Suite("Store: records")
struct StoreRecordTests {
    private let directory: TemporaryDirectory
    private let store: Store

    init() throws {
        directory = try TemporaryDirectory()
        store = try Store(directory: directory.path)
    }

    static func definition(_ family: String, revision: Int, status: TaskDefinitionStatus = .active)
        -> TaskDefinitionRecord
    {
        var definition = TaskDefinition(family: family)
        definition.revision = revision
        definition.status = status
        return TaskDefinitionRecord(definition: definition)
    }

    static func task(_ id: String, family: String = "web", revision: Int = 1) -> TaskRecord {
        TaskRecord(
            id: id, arn: "arn:\(id)", family: family, revision: revision,
            createdAt: Timestamp(millisecondsSince1970: 1_700_000_000_123))
    }

    static func interface(_ id: String, mac: UInt64, task: String? = nil, index: Int = 0) throws
        -> NetworkInterfaceRecord
    {
        NetworkInterfaceRecord(
            networkInterface: NetworkInterface(
                id: id, attachmentID: "attachment-\(id)", index: index,
                macAddress: try #require(MACAddress(rawValue: mac))),
            taskID: task, origin: .daemon, kind: .veth, createdAt: Timestamp(millisecondsSince1970: 0))
    }

    private func register(_ family: String, count: Int = 1) async throws {
        try await store.write { transaction in
            for _ in 0..<count {
                _ = try transaction.insertTaskDefinition(family: family) { Self.definition(family, revision: $0) }
            }
        }
    }

    @Test("Revisions count up and are never given twice")
    func revisions() async throws {
        try await register("web", count: 3)
        try await register("db")
        let (latest, third) = try await store.write { transaction in
            var third = try #require(try transaction.taskDefinition(family: "web", revision: 3))
            third.definition.status = .inactive
            try transaction.update(third)
            let latest = try transaction.latestActiveTaskDefinition(family: "web")
            let next = try transaction.insertTaskDefinition(family: "web") { Self.definition("web", revision: $0) }
            #expect(next.revision == 4)
            return (latest, try transaction.taskDefinition(family: "web", revision: 3))
        }
        #expect(latest?.revision == 2)
        #expect(third?.definition.status == .inactive)
    }

    @Test("Definitions come in pages, in either order", arguments: [false, true])
    func definitionPages(descending: Bool) async throws {
        try await register("web", count: 12)
        try await register("api", count: 3)
        var names: [String] = []
        var token: String?
        var pages = 0
        repeat {
            let after = token
            let page = try await store.read {
                try $0.taskDefinitions(family: nil, status: .active, descending: descending, limit: 4, after: after)
            }
            names += page.items.map { "\($0.family):\($0.revision)" }
            token = page.nextToken
            pages += 1
        } while token != nil
        let expected = (1...3).map { "api:\($0)" } + (1...12).map { "web:\($0)" }
        #expect(names == (descending ? expected.reversed() : expected))
        #expect(pages == 4)
        let one = try await store.read {
            try $0.taskDefinitions(family: "api", status: .active, descending: false, limit: 3, after: nil)
        }
        #expect(one.items.count == 3)
        #expect(one.nextToken == nil)
    }

    @Test("A token that was not given out is refused", arguments: ["", "x", "bm8=", "YQpi"])
    func badTokens(token: String) async throws {
        await #expect(throws: StoreError.invalidToken) {
            try await store.read {
                try $0.taskDefinitions(family: nil, status: .active, descending: false, limit: 4, after: token)
            }
        }
        await #expect(throws: StoreError.invalidToken) {
            try await store.read { try $0.tasks(limit: 4, after: token) }
        }
    }

    @Test("A task is kept whole, with containers, plan and ENIs, and forgotten whole")
    func tasks() async throws {
        try await register("web")
        var task = Self.task("a")
        task.startedBy = "me"
        task.tags = [ResourceTag(key: "k", value: "v")]
        task.pause = TaskRecord.PauseProcess(processID: 7, startTime: UInt64.max)
        let stored = task
        let interface = try Self.interface("eni-1", mac: 1, task: "a")
        try await store.write { transaction in
            try transaction.insert(stored)
            try transaction.insert([
                ContainerRecord(taskID: "a", name: "b", id: "1", arn: "arn:1", image: "busybox"),
                ContainerRecord(taskID: "a", name: "a", id: "2", arn: "arn:2", image: "busybox"),
            ])
            try transaction.insert(interface)
            try transaction.setNetworkPlan(#"{"steps": []}"#, taskID: "a")
            try transaction.insert(
                AddressLease(address: try #require(IPAddress("10.0.0.5")), subnetID: "s", networkInterfaceID: "eni-1"))
        }
        try await store.read { (transaction) throws in
            #expect(try transaction.task(id: "a") == stored)
            #expect(try transaction.containers(taskID: "a").map(\.name) == ["b", "a"])
            #expect(try transaction.networkPlan(taskID: "a") == #"{"steps": []}"#)
            #expect(try transaction.networkInterfaces(taskID: "a") == [interface])
            #expect(try transaction.networkInterface(attachmentID: "attachment-eni-1") == interface)
            #expect(try transaction.leases(subnetID: "s").count == 1)
            #expect(try transaction.unstoppedTasks().map(\.id) == ["a"])
        }
        try await store.write { transaction in
            try transaction.updateTask("a") {
                $0.lastStatus = .stopped
                $0.stoppedAt = Timestamp(millisecondsSince1970: 5_000)
            }
            try transaction.updateContainer("b", ofTask: "a") { $0.exitCode = 3 }
            // Nothing goes back.
            #expect(throws: IllegalTransition.self) { try transaction.updateTask("a") { $0.lastStatus = .running } }
            try transaction.updateContainer("a", ofTask: "a") { $0.lastStatus = .stopped }
            #expect(throws: IllegalTransition.self) {
                try transaction.updateContainer("a", ofTask: "a") { $0.lastStatus = .running }
            }
            #expect(try transaction.task(id: "a")?.lastStatus == .stopped)
            #expect(try transaction.containers(taskID: "a").first?.exitCode == 3)
            #expect(try transaction.unstoppedTasks().isEmpty)
            #expect(try transaction.stoppedTasksWithNetwork().map(\.id) == ["a"])
            #expect(try !transaction.isForgettable("a"))
            try transaction.setNetworkPlan(nil, taskID: "a")
            // Its ENI still has its addresses.
            #expect(try transaction.stoppedTasksWithNetwork().map(\.id) == ["a"])
            #expect(try !transaction.isForgettable("a"))
            try transaction.setStatus(.deleted, of: interface.id)
            #expect(try transaction.isForgettable("a"))
            #expect(try transaction.stoppedTaskTimes().map(\.id) == ["a"])
            #expect(try transaction.stoppedTaskTimes().map(\.stoppedAt.millisecondsSince1970) == [5_000])
            #expect(try transaction.taskCounts() == [.external: [.stopped: 1]])
            try transaction.deleteTask(id: "a")
            #expect(try transaction.containers(taskID: "a").isEmpty)
            #expect(try transaction.leases().isEmpty)
            #expect(try transaction.networkPlan(taskID: "a") == nil)
        }
    }

    @Test("A task of a definition that is not there, or the same task twice, is refused")
    func taskIntegrity() async throws {
        await #expect(throws: DatabaseError.self) { try await store.write { try $0.insert(Self.task("a")) } }
        try await register("web")
        try await store.write { try $0.insert(Self.task("a")) }
        await #expect(throws: StoreError.duplicate("task a")) {
            try await store.write { try $0.insert(Self.task("a")) }
        }
    }

    @Test("Tasks are listed in pages by what they are")
    func taskPages() async throws {
        try await register("web")
        try await register("api")
        try await store.write { transaction in
            for number in 0..<10 {
                var task = Self.task("\(number)", family: number.isMultiple(of: 2) ? "web" : "api")
                task.desiredStatus = number < 8 ? .running : .stopped
                task.startedBy = number < 4 ? "me" : nil
                try transaction.insert(task)
            }
        }
        let (first, rest, stopped, mine) = try await store.read { transaction in
            let filter = TaskFilter(desiredStatus: .running, family: "web")
            let first = try transaction.tasks(filter, limit: 3, after: nil)
            return (
                first, try transaction.tasks(filter, limit: 3, after: first.nextToken),
                try transaction.tasks(TaskFilter(desiredStatus: .stopped), limit: 100, after: nil),
                try transaction.tasks(TaskFilter(startedBy: "me"), limit: 100, after: nil)
            )
        }
        #expect(first.items.map(\.id) == ["0", "2", "4"])
        #expect(rest.items.map(\.id) == ["6"])
        #expect(rest.nextToken == nil)
        #expect(stopped.items.map(\.id) == ["8", "9"])
        #expect(mine.items.count == 4)
    }

    @Test("A MAC address belongs to one ENI, until that one is over")
    func macAddresses() async throws {
        let first = try Self.interface("eni-1", mac: 1)
        let second = try Self.interface("eni-2", mac: 1)
        try await store.write { try $0.insert(first) }
        let address = first.networkInterface.macAddress
        await #expect(throws: StoreError.macAddressTaken(address, networkInterfaceID: "eni-1")) {
            try await store.write { try $0.insert(second) }
        }
        await #expect(throws: StoreError.duplicate("network interface eni-1")) {
            try await store.write { try $0.insert(try Self.interface("eni-1", mac: 2)) }
        }
        try await store.write { transaction in
            try transaction.updateNetworkInterface("eni-1") { $0.status = .deleted }
            try transaction.insert(second)
        }
        await #expect(throws: IllegalTransition.self) {
            try await store.write { try $0.updateNetworkInterface("eni-1") { $0.status = .attached } }
        }
    }

    @Test(
        "An ENI that is over may come again, to another task too",
        arguments: [AttachmentStatus.detached, .deleted, .failed])
    func comesAgain(status: AttachmentStatus) async throws {
        try await register("web")
        let interface = try Self.interface("eni-1", mac: 1, task: "a")
        try await store.write { transaction in
            try transaction.insert(Self.task("a"))
            try transaction.insert(Self.task("b"))
            try transaction.insert(interface)
        }
        var again = interface
        again.taskID = "b"
        let second = again
        await #expect(throws: StoreError.self) {
            try await store.write { try $0.insert(second) }
        }
        try await store.write { transaction in
            try transaction.updateNetworkInterface("eni-1") { $0.status = status }
            try transaction.insert(second)
        }
        let (first, other) = try await store.read {
            (try $0.networkInterfaces(taskID: "a"), try $0.networkInterfaces(taskID: "b"))
        }
        #expect(first.isEmpty)
        #expect(other == [second])
    }

    @Test("Of many who want one address at the same time, one gets it")
    func leases() async throws {
        let address = try #require(IPAddress("10.0.0.5"))
        let count = 32
        try await store.write { transaction in
            for number in 0..<count {
                try transaction.insert(try Self.interface("eni-\(number)", mac: UInt64(number + 1)))
            }
        }
        let winners = await withTaskGroup(of: String?.self) { group in
            for number in 0..<count {
                group.addTask { [store] in
                    let lease = AddressLease(address: address, subnetID: "s", networkInterfaceID: "eni-\(number)")
                    do {
                        try await store.write { try $0.insert(lease) }
                        return lease.networkInterfaceID
                    } catch {
                        return nil
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
        }
        let winner = try #require(winners.first)
        #expect(winners.count == 1)
        await #expect(throws: StoreError.addressTaken(address, networkInterfaceID: winner)) {
            try await store.write {
                try $0.insert(AddressLease(address: address, subnetID: "t", networkInterfaceID: "eni-0"))
            }
        }
        try await store.write { transaction in
            try transaction.deleteLeases(networkInterfaceID: winner)
            try transaction.deleteLeases(networkInterfaceID: winner)
            try transaction.insert(AddressLease(address: address, subnetID: "s", networkInterfaceID: "eni-1"))
        }
    }

    @Test("ENIs are listed in pages and by their place in the task")
    func interfaces() async throws {
        try await register("web")
        try await store.write { transaction in
            try transaction.insert(Self.task("a"))
            for number in 0..<5 {
                try transaction.insert(
                    try Self.interface("eni-\(number)", mac: UInt64(number + 1), task: "a", index: 4 - number))
            }
        }
        let (page, rest, ordered) = try await store.read { transaction in
            let page = try transaction.networkInterfaces(limit: 3, after: nil)
            return (
                page, try transaction.networkInterfaces(limit: 3, after: page.nextToken),
                try transaction.networkInterfaces(taskID: "a")
            )
        }
        #expect(page.items.map(\.id) == ["eni-0", "eni-1", "eni-2"])
        // What is not asked for takes no place in a page.
        let filtered = try await store.read { transaction in
            (
                try transaction.networkInterfaces(.init(taskIDs: ["b"]), limit: 1, after: nil),
                try transaction.networkInterfaces(.init(taskIDs: ["a", "b"]), limit: 5, after: nil),
                try transaction.networkInterfaces(.init(taskIDs: []), limit: 1, after: nil),
                try transaction.networkInterfaces(.init(subnetID: "elsewhere"), limit: 1, after: nil)
            )
        }
        #expect(filtered.0.items.isEmpty && filtered.0.nextToken == nil)
        #expect(filtered.1.items.count == 5)
        #expect(filtered.2.items.isEmpty)
        #expect(filtered.3.items.isEmpty)
        #expect(rest.items.map(\.id) == ["eni-3", "eni-4"])
        #expect(ordered.map(\.id) == ["eni-4", "eni-3", "eni-2", "eni-1", "eni-0"])
    }

    @Test("Security groups are kept with their rules, a name once in a VPC")
    func securityGroups() async throws {
        let rule = SecurityGroupRule(
            id: "sgr-1", direction: .ingress, ipProtocol: .tcp, fromPort: 80, toPort: 81, peer: .group("sg-2"),
            ruleDescription: "web")
        let group = SecurityGroup(id: "sg-1", name: "web", groupDescription: "d", vpcID: "vpc-1", rules: [rule])
        let record = SecurityGroupRecord(group: group, createdAt: Timestamp(millisecondsSince1970: 5))
        try await store.write { try $0.insert(record) }
        var other = record
        other.group.id = "sg-2"
        let same = other
        await #expect(throws: StoreError.duplicate("security group web")) {
            try await store.write { try $0.insert(same) }
        }
        try await store.write { store in
            #expect(try store.securityGroups() == [record])
            let changed = try store.updateSecurityGroup("sg-1") { $0.group.rules = [] }
            #expect(changed?.group.rules.isEmpty == true)
            #expect(try store.updateSecurityGroup("sg-3") { _ in } == nil)
            try store.deleteSecurityGroup("sg-1")
            #expect(try store.securityGroups().isEmpty)
        }
    }

    @Test("Combinations of groups keep their numbers")
    func combinations() async throws {
        let numbers: [[String]: UInt32] = [["sg-1"]: 0x746E_0001, ["sg-1", "sg-2"]: 0x746E_0002]
        try await store.write { try $0.setSecurityGroupCombinations(numbers) }
        #expect(try await store.read { try $0.securityGroupCombinations() } == numbers)
        try await store.write { try $0.setSecurityGroupCombinations([["sg-2"]: 0x746E_0001]) }
        #expect(try await store.read { try $0.securityGroupCombinations() } == [["sg-2"]: 0x746E_0001])
    }
}
