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
            guard let document = try plugin.run(.add, request) else {
                throw CNIError(.decoding, "the IPAM plugin answered nothing", details: "ADD has a result")
            }
            return try CNIResult(document, version: request.version)
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
