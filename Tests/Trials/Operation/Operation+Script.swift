// SPDX-License-Identifier: Apache-2.0

extension Operation {
    /// What one client does in a round.
    ///
    /// - Parameter point: the fault point that the daemon is to come by; what leads there is done more often.
    static func script(
        seed: UInt64, round: Int, client: Int, count: Int, towards point: String? = nil
    ) -> [Operation] {
        var random = SeededGenerator(seed: seed, for: UInt64(round), UInt64(client), 1)
        let way = Way(point)
        let beginning = way?.beginning ?? []
        return beginning.prefix(count)
            + (0..<max(0, count - beginning.count)).compactMap { _ in
                random.chance(way == nil ? 0 : 50) ? way?.next(&random) : next(&random, mayReload: client == 0)
            }
    }

    /// What leads to a fault point that is seldom come by otherwise.
    private enum Way: Equatable {
        case attach, setGroups, removeSandbox, stop, run

        init?(_ point: String?) {
            switch point?.split(separator: ".").first {
            case "release", "undo-step": self = .stop
            case "attach", "detach": self = .attach
            case "interface-groups": self = .setGroups
            case "sandbox-delete": self = .removeSandbox
            case "repair": self = .run
            default: return nil
            }
        }

        /// Comes by it for sure, where the client has these free.
        var beginning: [Operation] {
            switch self {
            case .attach:
                [
                    .runTask(0, .server), .awaitRunning(task: 0), .attach(task: 0, device: 0, isLate: false),
                    .awaitAttached(device: 0), .detach(device: 0),
                ]
            case .setGroups: [.createGroup(0), .runTask(0, .server), .setGroups(task: 0, [0]), .setGroups(task: 0, [])]
            case .removeSandbox: [.addSandbox(0, subnet: 0), .deleteSandbox(0)]
            case .stop: [.runTask(0, .server), .awaitRunning(task: 0), .stopTask(0)]
            case .run: [.runTask(0, .server), .awaitRunning(task: 0)]
            }
        }

        func next(_ random: inout SeededGenerator) -> Operation {
            let (task, device) = (random.below(taskCount), random.below(deviceCount))
            return switch self {
            case .attach:
                random.chance(50) ? .attach(task: task, device: device, isLate: false) : .detach(device: device)
            case .setGroups: .setGroups(task: task, subset(groupCount, &random))
            case .removeSandbox: .deleteSandbox(random.below(sandboxCount))
            case .stop: .stopTask(task)
            case .run: .runTask(task, .server)
            }
        }
    }

    private static func next(_ random: inout SeededGenerator, mayReload: Bool) -> Operation? {
        let kinds: [(weight: Int, value: (inout SeededGenerator) -> Operation)] = [
            (1, { _ in .registerDefinition }),
            (16, { .runTask($0.below(taskCount), shape(&$0)) }),
            (9, { .stopTask($0.below(taskCount)) }),
            (3, { _ in .describeTasks }),
            (8, { .attach(task: $0.below(taskCount), device: $0.below(deviceCount), isLate: $0.chance(30)) }),
            (5, { .detach(device: $0.below(deviceCount)) }),
            (14, { .addSandbox($0.below(sandboxCount), subnet: $0.below(2)) }),
            (3, { .checkSandbox($0.below(sandboxCount)) }),
            (7, { .deleteSandbox($0.below(sandboxCount)) }),
            (2, { .collectSandboxes(keeping: subset(sandboxCount, &$0)) }),
            (3, { .removeNamespace($0.below(sandboxCount)) }),
            (6, { .createGroup($0.below(groupCount)) }),
            (3, { .deleteGroup($0.below(groupCount)) }),
            (8, { .authorize($0.below(groupCount), rule: $0.below(ruleCount)) }),
            (4, { .revoke($0.below(groupCount), rule: $0.below(ruleCount)) }),
            (8, { .setGroups(task: $0.below(taskCount), subset(groupCount, &$0)) }),
            (
                mayReload ? 12 : 0,
                { .reload(.init(hasPassingSubnet: $0.chance(50), ruleCount: $0.number(in: 1...3))) }
            ),
        ]
        return random.pick(weighted: kinds)?(&random)
    }

    private static func shape(_ random: inout SeededGenerator) -> TaskShape {
        random.pick(weighted: [
            (30, .server), (16, .pair), (10, .brief), (8, .failing), (5, .commandless), (3, .imageless), (16, .dual),
        ]) ?? .server
    }

    private static func subset(_ count: Int, _ random: inout SeededGenerator) -> [Int] {
        (0..<count).filter { _ in random.chance(50) }
    }
}
