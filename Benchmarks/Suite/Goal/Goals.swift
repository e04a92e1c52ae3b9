// SPDX-License-Identifier: Apache-2.0

/// What tasknet is to reach, all within one run.
enum Goals {
    private typealias Name = Catalogue.Name
    private static let latency = LatencyBenchmark.name
    private static let task = TaskBenchmark.name

    static let all: [Goal] = paths + deletions + dropIns + numbers + packets + resources

    private static let paths: [Goal] = [
        Goal("network of RunTask, made cold, all of it, to the cold floor", .atMost(1.5)) {
            $0.ratio(task, TaskBenchmark.Name.network(.cold), Name.coldFloor, "ADD")
        },
        Goal("network of RunTask, made cold, in the kernel alone, to the cold floor", .atMost(1.5)) {
            $0.ratio(task, TaskBenchmark.Name.kernel(.cold), Name.coldFloor, "ADD")
        },
        Goal("network of RunTask, from the warm pool, all of it, to the cold floor", .atMost(0.5)) {
            $0.ratio(task, TaskBenchmark.Name.network(.warm), Name.coldFloor, "ADD")
        },
        Goal("network of RunTask, from the warm pool, in the kernel alone, to the cold floor", .atMost(0.5)) {
            $0.ratio(task, TaskBenchmark.Name.kernel(.warm), Name.coldFloor, "ADD")
        },
        Goal("CNI ADD less the start of an empty Swift program, to the cold floor", .atMost(1.5)) {
            $0.beyondStart(Name.tasknet, "ADD", over: Name.coldFloor)
        },
        Goal("ptp + host-local, ADD, to ours", .atLeast(2)) { $0.ratio(latency, Name.ptp, Name.tasknet, "ADD") },
        Goal("AWS's ECS sequence, ADD, to our CNI ADD", .atLeast(10)) {
            guard let theirs = $0.foreignSequence, let ours = $0.median(latency, Name.tasknet, "ADD") else {
                return nil
            }
            return theirs / ours
        },
    ]

    private static let deletions: [Goal] = [
        Goal("CNI DEL, less the start of an empty Swift program", .atMost(3), "ms") {
            guard let del = $0.median(latency, Name.tasknet, "DEL"), let start = $0.start else { return nil }
            return (del - start) / 1000
        },
        Goal("network's part of StopTask", .atMost(3), "ms") {
            $0.median(task, TaskBenchmark.Name.network(.cold), "DEL").map { $0 / 1000 }
        },
        Goal("until nothing is left after a DEL, p95", .atMost(2000), "ms") {
            $0[latency, Name.tasknet, LatencyBenchmark.gone].map { $0.p95 / 1000 }
        },
        Goal("until nothing is left after the end of many, p95", .atMost(2000), "ms") { figures in
            ManyBenchmark.workers.compactMap {
                figures[ManyBenchmark.name, Name.tasknet, ManyBenchmark.parameter(LatencyBenchmark.gone, $0)]?.p95
            }.max()
        },
    ]

    private static let dropIns: [Goal] = [
        Goal("ecs-eni ADD less a start, to the floor of a device move", .atMost(1.25)) {
            $0.beyondStart("\(Name.tasknet): \(Name.eni)", "ADD", over: Name.deviceFloor)
        },
        Goal("ecs-bridge ADD less a start, to the floor of a veth on a bridge", .atMost(1.25)) {
            $0.beyondStart("\(Name.tasknet): \(Name.bridge)", "ADD", over: Name.bridgeFloor)
        },
    ]

    private static let numbers: [Goal] = [
        many(Name.api, "ADD", "task networks a second, by the daemon's API"),
        many(Name.api, "DEL", "task networks deleted a second, by the daemon's API"),
        many(Name.tasknet, "ADD", "task networks a second, by CNI's exec"),
        many(Name.tasknet, "DEL", "task networks deleted a second, by CNI's exec"),
        Goal("CNI ADD at 4,000 existing networks, to ADD at none", .atMost(1.25)) {
            let (name, most) = (ExistingBenchmark.name, ExistingBenchmark.levels.max() ?? 0)
            guard let full = $0.median(name, Name.tasknet, ExistingBenchmark.parameter("ADD", at: most)),
                let empty = $0.median(name, Name.tasknet, ExistingBenchmark.parameter("ADD", at: 0))
            else { return nil }
            return full / empty
        },
    ]

    private static func many(_ subject: String, _ command: String, _ text: String) -> Goal {
        Goal("\(text), with the best number of workers", .atLeast(500), "per s") { figures in
            ManyBenchmark.workers.compactMap {
                figures.median(ManyBenchmark.name, subject, ManyBenchmark.parameter(command, $0))
            }.max()
        }
    }

    private static let packets: [Goal] = [
        packet(.throughput, PacketBenchmark.hostToTask, 0.95), packet(.throughput, PacketBenchmark.taskToTask, 0.95),
        packet(.connections, PacketBenchmark.hostToTask, 0.9), packet(.connections, PacketBenchmark.taskToTask, 0.9),
    ]

    private static func packet(_ kind: PacketBenchmark.Kind, _ path: String, _ bound: Double) -> Goal {
        Goal("TCP \(kind.rawValue), \(path), to a bare veth pair", .atLeast(bound)) {
            $0.ratio(
                PacketBenchmark.name, PacketBenchmark.ours, PacketBenchmark.bare, PacketBenchmark.parameter(kind, path))
        }
    }

    private static let resources: [Goal] = [
        Goal("the daemon's memory without tasks", .atMost(30), "MiB") {
            memory($0, MemoryBenchmark.Name.empty).map { $0 / 1024 }
        },
        Goal("the daemon's memory for each task", .atMost(20), "KiB") { memory($0, MemoryBenchmark.Name.perTask) },
        Goal("the daemon's memory for each sandbox", .atMost(20), "KiB") {
            memory($0, MemoryBenchmark.Name.perSandbox)
        },
        Goal("wake-ups of the idle daemon, at the most", .atMost(0), "per s") { figures in
            figures.all.filter {
                $0.key.measured == MemoryBenchmark.name && $0.key.subject == MemoryBenchmark.Name.daemon
                    && $0.key.parameter.hasPrefix(MemoryBenchmark.Name.wakeUps)
            }.map(\.median).max()
        },
    ]

    private static func memory(_ figures: Figures, _ parameter: String) -> Double? {
        figures.median(MemoryBenchmark.name, MemoryBenchmark.Name.daemon, parameter)
    }
}

extension Figures {
    /// Of medians.
    fileprivate func ratio(_ measured: String, _ subject: String, _ base: String, _ parameter: String) -> Double? {
        guard let value = median(measured, subject, parameter), let base = median(measured, base, parameter) else {
            return nil
        }
        return value / base
    }

    /// Of an empty Swift program.
    fileprivate var start: Double? { median(LatencyBenchmark.name, Catalogue.Name.emptyProgram, "start") }

    fileprivate func beyondStart(_ subject: String, _ parameter: String, over base: String) -> Double? {
        guard let value = median(LatencyBenchmark.name, subject, parameter), let start,
            let base = median(LatencyBenchmark.name, base, parameter)
        else { return nil }
        return (value - start) / base
    }

    /// The fastest sequence of plugins that are not ours.
    fileprivate var foreignSequence: Double? {
        all.filter {
            $0.key.measured == LatencyBenchmark.name && $0.key.parameter == "ADD"
                && $0.key.subject.hasSuffix(": \(Catalogue.Name.sequence)")
                && !$0.key.subject.hasPrefix("\(Catalogue.Name.tasknet):")
        }.map(\.median).min()
    }
}
