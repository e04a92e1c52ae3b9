// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import tasknet_trials

@Suite("Seeds of the crash test")
struct SeedTests {
    private static let options = CrashOptions(
        clients: 5, operations: 8, point: nil, damages: Damage.allCases, damagePercent: 40, patience: 1)
    private static let points = (0..<37).map { "point-\($0)" } + ["apply-step", "undo-step"]

    @Test("the numbers are SplitMix64's, whatever the machine and the toolchain")
    func numbers() {
        // The first ones for the seed 1234567, as the algorithm's authors' code prints them.
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }

    @Test("the same seed has the same clients do the same things in the same order, another one others")
    func scripts() {
        let script = Operation.script(seed: 7, round: 3, client: 2, count: 50)
        #expect(script.count == 50)
        #expect(script == Operation.script(seed: 7, round: 3, client: 2, count: 50))
        #expect(script != Operation.script(seed: 8, round: 3, client: 2, count: 50))
        #expect(script != Operation.script(seed: 7, round: 4, client: 2, count: 50))
        #expect(script != Operation.script(seed: 7, round: 3, client: 1, count: 50))
    }

    @Test("only one client reloads the configuration, so that it is known which one there is")
    func reloads() {
        func reloads(_ client: Int) -> Bool {
            Operation.script(seed: 1, round: 0, client: client, count: 500).contains {
                if case .reload = $0 { true } else { false }
            }
        }
        #expect((0..<5).filter(reloads) == [0])
    }

    @Test("the rounds of a run go through all fault points in turn, from whatever seed on")
    func coverage() {
        for first: UInt64 in [0, 4711, 1_000_000_007] {
            var seen: Set<String> = []
            for era in 0..<6 {
                for round in 0..<RoundPlan.roundsPerEra {
                    let plan = RoundPlan(Self.options, points: Self.points, seed: first &+ UInt64(era), round: round)
                    if case .at(let fault) = plan.death { seen.insert(fault.point) }
                }
            }
            #expect(seen == Set(Self.points), "from \(first)")
        }
    }
}
