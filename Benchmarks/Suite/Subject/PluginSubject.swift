// SPDX-License-Identifier: Apache-2.0
import JSON
import Linux
import Synchronization
import SystemPackage
import UnderTest

/// A CNI plugin, or several one after the other, called as a runtime calls them: a process for each, the configuration on
/// standard input.
final class PluginSubject: Subject {
    let name: String
    private let calls: [PluginCall]
    private let room: Room
    private let device: DeviceMaker?
    private let results = Mutex<[Slot: [String]]>([:])

    /// - Parameter device: makes what a plugin that moves a device is to move.
    init(_ name: String, _ calls: [PluginCall], in room: Room, moving device: DeviceMaker? = nil) {
        self.name = name
        self.calls = calls
        self.room = room
        self.device = device
    }

    func prepare(_ slot: Slot) throws {
        try slot.createNamespace()
        try device?.make(slot, in: room)
    }

    func add(_ slot: Slot) throws -> Duration {
        var results: [String] = []
        var total = Duration.zero
        for call in calls {
            let answer = try room.enter { try call.perform("ADD", slot, previous: nil) }
            results.append(answer.output)
            total += answer.duration
        }
        self.results.withLock { $0[slot] = results }
        return total
    }

    func delete(_ slot: Slot) throws -> Duration {
        let results = self.results.withLock { $0.removeValue(forKey: slot) } ?? []
        var total = Duration.zero
        for (call, result) in zip(calls, results).reversed() {
            total += try room.enter { try call.perform("DEL", slot, previous: result) }.duration
        }
        return total
    }

    func discard(_ slot: Slot) throws {
        try slot.removeNamespace()
        try device?.remove(slot, in: room)
    }

    func linkCount() throws -> Int { try room.linkCount() }
    func settle(to count: Int) throws -> Duration { try room.settle(to: count) }
}

/// How one plugin is called.
struct PluginCall: Sendable {
    let program: CalledProgram
    /// Where its IPAM plugin is.
    let directory: FilePath
    let interface: String
    var environment: [String] = []
    /// Whether DEL is told what ADD had answered, as CNI has it from 0.4.0 on.
    var tellsPrevious = true
    /// The configuration: members of a JSON object, without its braces.
    let configuration: @Sendable (Slot) -> String

    init(
        _ plugin: String, in directory: FilePath, interface: String = "eth0",
        configuration: @escaping @Sendable (Slot) -> String
    ) {
        program = CalledProgram(directory.appending(plugin))
        self.directory = directory
        self.interface = interface
        self.configuration = configuration
    }

    func perform(_ command: String, _ slot: Slot, previous: String?) throws -> CalledProgram.Answer {
        var input = "{" + configuration(slot)
        if let previous, tellsPrevious { input += #","prevResult":"# + previous }
        input += "}"
        let answer = try program.call(
            input,
            environment: environment + [
                "CNI_COMMAND=\(command)", "CNI_CONTAINERID=\(slot.container)", "CNI_NETNS=\(slot.namespace)",
                "CNI_IFNAME=\(interface)", "CNI_PATH=\(directory)", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            ])
        guard answer.status == .exited(0) else {
            throw BenchFailure("\(program.path) \(command): \(answer.status): \(answer.output)")
        }
        return answer
    }
}
