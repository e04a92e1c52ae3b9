// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linux
import SystemPackage

/// A place in the daemon at which it is to die: the nth time that it comes by.
struct Fault: Hashable, Sendable, CustomStringConvertible {
    let point: String
    let count: Int

    var description: String { "\(point):\(count)" }
}

/// The places that a debug build of the daemon has, and which of them were come by.
struct FaultPoints: Sendable {
    let names: [String]
    private(set) var reached: [String: Int] = [:]

    /// As the daemon itself lists them.
    init(of daemon: DaemonUnderTest) throws {
        let output = try PipeEnds()
        let path = daemon.host.programs.appending("tasknetd")
        let program = Program(
            path: path, arguments: ["tasknetd", "--fault-points"], environment: ["PATH=/usr/sbin:/usr/bin"],
            descriptors: [1: output.writing.withRaw { $0 }])
        let process = try program.spawn()
        let text = String(decoding: try output.intoReading().readToEnd(of: "fault points"), as: UTF8.self)
        let status = try process.reap()
        guard status == .exited(0), !text.isEmpty else {
            throw TrialFailure("\(path) --fault-points: \(status); it takes a debug build")
        }
        names = text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    mutating func note(_ point: String) { reached[point, default: 0] += 1 }

    var unreached: [String] { names.filter { reached[$0] == nil } }

    /// One of a plan's steps rather than of a change's boundaries: there are many more of them in one change.
    static func isStep(_ name: String) -> Bool { name.hasSuffix("-step") }

    /// One that is come by seldom more than once in a round.
    static func isRare(_ name: String) -> Bool {
        ["attach", "detach", "interface-groups", "repair", "removal"].contains(name.split(separator: ".").first)
    }
}
