// SPDX-License-Identifier: Apache-2.0

/// What is to happen in a round, all of it by the seed.
struct RoundPlan: Sendable {
    /// How the daemon dies.
    enum Death: Hashable, Sendable {
        case at(Fault)
        /// By SIGKILL, when so many operations are done and some time more has passed.
        case after(operations: Int, microseconds: Int)
    }

    /// How a daemon that starts afterwards dies as well, before one may live.
    enum Restart: Hashable, Sendable {
        case at(Fault)
        case after(microseconds: Int)
    }

    struct Blow: Hashable, Sendable {
        let damage: Damage
        let afterOperations: Int
        let choice: Int
    }

    var death: Death
    var restarts: [Restart] = []
    var blows: [Blow] = []
    /// Whether the daemon is asked to end between this round and the last, rather than killed.
    var endsPolitely: Bool
    var pings: Bool

    static let roundsPerEra = 10

    init(_ options: CrashOptions, points: [String], seed: UInt64, round: Int) {
        var random = SeededGenerator(seed: seed, for: UInt64(round), 0, 0)
        let operations = options.clients * options.operations
        if options.point != nil || round % 3 != 2 {
            // One after the other, from one era to the next.
            let place = seed &* 7 &+ UInt64(round - round / 3)
            let point = options.point ?? points[Int(place % UInt64(points.count))]
            death = .at(Self.fault(point, &random))
        } else {
            death = .after(operations: random.below(operations), microseconds: random.below(20_000))
        }
        endsPolitely = random.chance(20)
        pings = random.chance(30)
        for _ in 0..<(random.chance(40) ? random.number(in: 1...3) : 0) {
            if random.chance(50), case .at(let fault) = death {
                restarts.append(.at(Self.fault(fault.point, &random)))
            } else if random.chance(30), let point = random.pick(points) {
                restarts.append(.at(Self.fault(point, &random)))
            } else {
                restarts.append(.after(microseconds: random.below(300_000)))
            }
        }
        // Nothing is repaired or removed unless something is amiss.
        let kinds = Damage.leading(to: point, among: options.damages)
        let percent = kinds == options.damages ? options.damagePercent : 100
        for _ in 0..<(random.chance(percent) ? random.number(in: 1...2) : 0) {
            guard let damage = random.pick(kinds) else { continue }
            // There is something to hurt when all is done.
            let place = asksForReconciliation ? operations : random.below(operations)
            blows.append(Blow(damage: damage, afterOperations: place, choice: random.below(1000)))
        }
    }

    /// The fault point that it is to die at.
    var point: String? {
        if case .at(let fault) = death { fault.point } else { nil }
    }

    /// Whether the fault point is come by when somebody asks for everything to be compared.
    var asksForReconciliation: Bool {
        ["repair", "removal"].contains(point?.split(separator: ".").first)
    }

    /// How long it may take from the last operation to the fault point, in milliseconds.
    var delay: Int {
        ["release", "released-links", "undo-step", "attach", "detach"].contains(point?.split(separator: ".").first)
            ? 500 : 50
    }

    private static func fault(_ point: String, _ random: inout SeededGenerator) -> Fault {
        let count =
            switch point {
            // Fewer things are undone than made.
            case "undo-step": random.number(in: 1...20)
            case _ where FaultPoints.isStep(point): random.number(in: 1...60)
            case _ where FaultPoints.isRare(point): 1
            default: random.pick(weighted: [(75, 1), (15, 2), (10, 3)]) ?? 1
            }
        return Fault(point: point, count: count)
    }
}

/// What the command line says of the rounds.
struct CrashOptions: Sendable {
    var clients: Int
    /// Of each client in a round.
    var operations: Int
    var point: String?
    var damages: [Damage]
    /// In how many rounds of a hundred something is hurt.
    var damagePercent: Int
    /// How long the system may take to come to rest, in seconds.
    var patience: Int
    /// A shell command that looks at the host where something differs.
    var onDifference: String?
}
