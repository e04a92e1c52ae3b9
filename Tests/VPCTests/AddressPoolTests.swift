// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@Suite struct AddressPoolTests {
    private func pool(_ block: String) throws -> AddressPool {
        switch try CIDRBlock(parsing: block) {
        case .v4(let block):
            try #require(AddressPool(.v4, of: Subnet(id: "subnet-0a", name: "demo", ipv4CIDRBlock: block)))
        case .v6(let block):
            try #require(AddressPool(.v6, of: Subnet(id: "subnet-0a", name: "demo", ipv6CIDRBlock: block)))
        }
    }

    @Test(arguments: ["10.0.0.0/28", "fd00::/124"])
    func handsOutAllButTheReservedOnes(block: String) throws {
        var pool = try pool(block)
        #expect(pool.freeCount == 11)
        var seen: Set<IPAddress> = []
        for _ in 0..<11 {
            let next = pool.next
            let address = try pool.allocate()
            #expect(address == next)
            seen.insert(address)
        }
        #expect(pool.next == nil)
        #expect(seen.count == 11)
        #expect(seen.map(\.bytes.last).compactMap { $0 }.sorted() == Array(4...14))
        #expect(Set(pool.allocated) == seen)
        #expect(pool.freeCount == 0)
        let error = #expect(throws: AddressPoolError.self) { try pool.allocate() }
        #expect(error?.kind == .full(pool.block.family))
        #expect(error?.code == "InsufficientFreeAddressesInSubnet")
        #expect(error?.description.hasPrefix("subnet subnet-0a (demo) has no free IPv") == true)
    }

    @Test func aFreedAddressWaitsForItsTurn() throws {
        var pool = try pool("10.0.0.0/28")
        let first = try pool.allocate()
        #expect(first.description == "10.0.0.4")
        let wasInUse = pool.release(first)
        let isStillInUse = pool.release(first)
        #expect(wasInUse)
        #expect(!isStillInUse)
        var next: [String] = []
        for _ in 0..<11 { next.append(try pool.allocate().description) }
        #expect(next.first == "10.0.0.5")
        #expect(next.last == "10.0.0.4")
    }

    @Test func goesOnWhereItWasBeforeARestart() throws {
        var pool = try pool("10.0.0.0/28")
        pool.resume(after: try IPAddress(parsing: "10.0.0.9"))
        #expect(try pool.allocate().description == "10.0.0.10")
        pool.resume(after: try IPAddress(parsing: "10.0.0.14"))
        #expect(try pool.allocate().description == "10.0.0.4")
        pool.resume(after: try IPAddress(parsing: "10.9.9.9"))
        pool.resume(after: try IPAddress(parsing: "10.0.0.15"))
        #expect(try pool.allocate().description == "10.0.0.5")
    }

    @Test func ofTheLastFreeOnesTheOneThatWasGivenBackLastComesLast() throws {
        var pool = try pool("10.0.0.0/28")
        for _ in 0..<11 { _ = try pool.allocate() }
        let back = ["10.0.0.12", "10.0.0.5", "10.0.0.9"]
        for text in back { pool.release(try IPAddress(parsing: text)) }
        #expect(try pool.allocate().description == "10.0.0.12")
        pool.release(try IPAddress(parsing: "10.0.0.12"))
        var next: [String] = []
        for _ in 0..<3 { next.append(try pool.allocate().description) }
        #expect(next == ["10.0.0.5", "10.0.0.9", "10.0.0.12"])
        #expect(throws: AddressPoolError.self) { try pool.allocate() }
    }

    @Test func whatRestedBeforeARestartRestsOn() throws {
        var pool = try pool("10.0.0.0/28")
        pool.resume(after: try IPAddress(parsing: "10.0.0.13"))
        for text in ["10.0.0.7", "10.0.0.4", "10.0.0.1", "10.9.9.9"] { pool.rest(try IPAddress(parsing: text)) }
        for number in [5, 6] { try pool.allocate(IPAddress(parsing: "10.0.0.\(number)")) }
        // One that is asked for rests no more.
        try pool.allocate(IPAddress(parsing: "10.0.0.4"))
        pool.release(try IPAddress(parsing: "10.0.0.4"))
        #expect(pool.freeCount == 9)
        var next: [String] = []
        for _ in 0..<9 { next.append(try pool.allocate().description) }
        #expect(next.map { $0.suffix(2) } == ["14", ".8", ".9", "10", "11", "12", "13", ".7", ".4"])
    }

    @Test func restingIsBounded() throws {
        var pool = try pool("fd00::/64")
        for _ in 0..<(3 * AddressPool.maximumResting) { pool.release(try pool.allocate()) }
        #expect(try pool.allocate().description == "fd00::c04")
        var small = try self.pool("10.1.0.0/21")
        for _ in 0..<10_000 { small.release(try small.allocate()) }
        #expect(small.freeCount == 2043)
    }

    @Test(arguments: [
        ("10.0.0.3", "address 10.0.0.3 of subnet subnet-0a (demo) is reserved (reserved for future use)"),
        ("10.0.0.15", "address 10.0.0.15 of subnet subnet-0a (demo) is reserved (the network's broadcast address)"),
        ("10.0.0.16", "address 10.0.0.16 is outside subnet subnet-0a (demo), which is 10.0.0.0/28"),
        ("fd00::5", "address fd00::5 is outside subnet subnet-0a (demo), which is 10.0.0.0/28"),
        ("10.0.0.5", "address 10.0.0.5 of subnet subnet-0a (demo) is in use"),
    ])
    func refusesAddresses(text: String, start: String) throws {
        var pool = try pool("10.0.0.0/28")
        try pool.allocate(IPAddress(parsing: "10.0.0.5"))
        let address = try IPAddress(parsing: text)
        let error = #expect(throws: AddressPoolError.self) { try pool.allocate(address) }
        #expect(error?.description.hasPrefix(start) == true)
        #expect(pool.freeCount == 10)
    }

    @Test func aChosenAddressIsPassedOver() throws {
        var pool = try pool("10.0.0.0/28")
        try pool.allocate(IPAddress(parsing: "10.0.0.4"))
        #expect(try pool.allocate().description == "10.0.0.5")
    }

    @Test(arguments: ["fd00::/64", "fd00::/8"])
    func largePoolsCostNothing(block: String) throws {
        var pool = try pool(block)
        #expect(pool.freeCount >= UInt64.max - 5)
        #expect(try pool.allocate().bytes.last == 4)
        #expect(try pool.allocate().bytes.last == 5)
    }

    @Test func aWholeSlash16() throws {
        var pool = try pool("10.1.0.0/16")
        for _ in 0..<65_531 { _ = try pool.allocate() }
        #expect(pool.freeCount == 0)
        #expect(throws: AddressPoolError.self) { try pool.allocate() }
        let freed = try IPAddress(parsing: "10.1.200.7")
        pool.release(freed)
        #expect(try pool.allocate() == freed)
    }

    @Test func noPoolWithoutABlock() throws {
        #expect(
            AddressPool(.v6, of: Subnet(name: "a", ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.0.0.0/24"))) == nil)
    }
}
