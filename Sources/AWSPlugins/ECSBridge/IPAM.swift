// SPDX-License-Identifier: Apache-2.0
import CNI

/// The plugin that gives out a bridge's addresses: our own, in this process, where that is what would be started, or any
/// other.
enum IPAM {
    case own(ECSIPAM)
    case other(DelegatedPlugin)

    /// - Parameter type: `ipam.type`.
    init(_ type: String, _ request: CNIRequest, _ environment: [String: String], _ log: PluginLog) throws(CNIError) {
        let plugin = try DelegatedPlugin(type, along: request.path, environment: environment)
        self =
            type == ECSIPAM.name && plugin.isThisProgram
            ? .own(ECSIPAM(environment: environment, log: log)) : .other(plugin)
    }

    func add(_ request: CNIRequest) throws -> CNIResult {
        switch self {
        case .own(let plugin): return try plugin.add(request)
        case .other(let plugin):
            let answer = try plugin.run(.add, request)
            do {
                return try answer.result(request.version)
            } catch {
                throw takeBack(plugin, request, after: error)
            }
        }
    }

    /// It has given something out, whatever it has said of it.
    ///
    /// - Returns: the error, with what came after it.
    private func takeBack(_ plugin: DelegatedPlugin, _ request: CNIRequest, after error: any Error) -> any Error {
        do {
            _ = try plugin.run(.del, request)
            return error
        } catch let second {
            return CNIError(.failed, "\(error)", details: "what it gave out stays given out: \(second)")
        }
    }

    /// For an ADD that failed after this.
    func giveBack(_ given: CNIResult, _ request: CNIRequest) throws {
        switch self {
        case .own(let plugin): try plugin.giveBack(given)
        case .other(let plugin): _ = try plugin.run(.del, request)
        }
    }

    func del(_ request: CNIRequest) throws {
        switch self {
        case .own(let plugin): try plugin.del(request)
        case .other(let plugin): _ = try plugin.run(.del, request)
        }
    }

    func check(_ request: CNIRequest) throws {
        switch self {
        case .own(let plugin): try plugin.check(request)
        case .other(let plugin): _ = try plugin.run(.check, request)
        }
    }

    func gc(_ request: CNIRequest) throws {
        switch self {
        case .own(let plugin): try plugin.gc(request)
        case .other(let plugin): _ = try plugin.run(.gc, request)
        }
    }

    func status(_ request: CNIRequest) throws {
        switch self {
        case .own(let plugin): try plugin.status(request)
        case .other(let plugin): _ = try plugin.run(.status, request)
        }
    }
}
