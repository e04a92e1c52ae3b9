// SPDX-License-Identifier: Apache-2.0
import CNI
import JSON
import TaskNetworking

/// What a configuration says to ecs-bridge.
struct BridgeConfiguration {
    var bridge: InterfaceName
    /// Of the veth, and of a bridge that is made.
    var mtu: Int
    /// `ipam.type`; nil where there is no IPAM plugin.
    var ipamType: String?

    private static let defaultMTU = 1500
    /// The corresponding C constants are `ETH_MIN_MTU` and `ETH_MAX_MTU`.
    private static let mtus = 68...65535

    /// - Throws: code 7, naming the key.
    init(_ configuration: NetworkConfiguration) throws(CNIError) {
        let key = configuration.key("bridge")
        let name = try key.string() ?? ""
        if name.isEmpty {
            throw CNIError(
                .invalidConfiguration,
                "bridge parsing config: missing required parameter in config named: 'bridge'")
        }
        do throws(NameError) {
            bridge = try InterfaceName(name)
        } catch {
            throw key.refusal(error.problem)
        }
        let mtuKey = configuration.key("mtu")
        mtu = try mtuKey.integer() ?? 0
        if mtu == 0 { mtu = Self.defaultMTU }
        guard Self.mtus.contains(mtu) else {
            throw mtuKey.refusal("it has to be from \(Self.mtus.lowerBound) to \(Self.mtus.upperBound), or 0 for 1500")
        }
        ipamType = try configuration.key("ipam").object()?.key("type").string()
        if ipamType?.isEmpty == true { ipamType = nil }
    }
}
