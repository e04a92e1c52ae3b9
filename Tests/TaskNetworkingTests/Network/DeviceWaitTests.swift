// SPDX-License-Identifier: Apache-2.0
import Addressing
import TestSupport
import Testing

@testable import TaskNetworking

@Suite(.requiresRoot) struct DeviceWaitTests {
    private static let long = Duration.seconds(60)

    @Test func oneThatIsThereIsFoundAtOnce() async throws {
        try await PathHost.with { host in
            let mac = try MACAddress(parsing: "02:11:22:33:44:55")
            try host.run("ip link add nic0 address \(mac) type bridge")
            let device = try await host.network.hostDevice(macAddress: mac, waitingAtMost: .zero)
            #expect(device.name.text == "nic0")
            #expect(!device.isUp)
        }
    }

    @Test(arguments: [
        ["ip link add nic0 address 02:11:22:33:44:55 type bridge"],
        [
            "ip link add other type bridge", "ip link set other address 02:11:22:33:44:55",
            "ip link set other name nic0",
        ],
    ])
    func oneThatComesLaterIsFoundByItsEvent(commands: [String]) async throws {
        try await PathHost.with { host in
            let mac = try MACAddress(parsing: "02:11:22:33:44:55")
            let network = host.network
            async let found = network.hostDevice(macAddress: mac, waitingAtMost: Self.long)
            for command in commands { try host.run(command) }
            #expect(try await found.macAddress == mac)
        }
    }

    @Test func oneThatIsMovedHereIsFound() async throws {
        try await PathHost.with { host in
            let mac = try MACAddress(parsing: "02:11:22:33:44:55")
            _ = try host.test.makeNamespace("elsewhere")
            try host.run("ip link add nic0 address \(mac) type veth peer name wire0", in: "elsewhere")
            let network = host.network
            async let found = network.hostDevice(macAddress: mac, waitingAtMost: Self.long)
            try host.run("ip link set nic0 netns \(host.test.namespacePath("host"))", in: "elsewhere")
            #expect(try await found.name.text == "nic0")
        }
    }

    @Test func oneThatDoesNotComeIsAnErrorWithItsMACAndTheTime() async throws {
        try await PathHost.with { host in
            let mac = try MACAddress(parsing: "02:11:22:33:44:55")
            let network = host.network
            let error = await #expect(throws: DeviceError.self) {
                try await network.hostDevice(macAddress: mac, waitingAtMost: .milliseconds(20))
            }
            #expect(error == .notFoundInTime(mac, waited: .milliseconds(20)))
            let text = error?.description ?? ""
            #expect(
                text == """
                    device with mac address not found: 02:11:22:33:44:55 (waited 0.02 seconds): \
                    attach it to this host, or correct the MAC address (see ip link)
                    """)
        }
    }

    @Test func oneThatCannotBeTakenEndsTheWait() async throws {
        try await PathHost.with { host in
            let mac = try MACAddress(parsing: "02:11:22:33:44:55")
            try host.run("ip link add bridge0 address 02:00:00:00:00:01 type bridge")
            try host.run("ip link add nic0 type veth peer name wire0")
            try host.run("ip link set nic0 master bridge0")
            let network = host.network
            async let found = network.hostDevice(macAddress: mac, waitingAtMost: Self.long)
            try host.run("ip link set nic0 address \(mac)")
            do {
                _ = try await found
                Issue.record("a bridge's port was taken")
            } catch {
                #expect(error as? DeviceError == .enslaved(name: "nic0", master: "bridge0"))
            }
        }
    }

    @Test func waitingCanBeGivenUp() async throws {
        try await PathHost.with { host in
            let mac = try MACAddress(parsing: "02:11:22:33:44:55")
            let network = host.network
            let waiting = Task { try await network.hostDevice(macAddress: mac, waitingAtMost: Self.long) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
    }
}
