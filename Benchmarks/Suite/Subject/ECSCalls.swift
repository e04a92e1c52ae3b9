// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// How the ECS agent calls AWS's plugins, or what is in their place.
struct ECSCalls {
    let plugins: FilePath
    /// For the databases of addresses.
    let directory: FilePath

    init(_ plugins: FilePath, keeping directory: FilePath) {
        self.plugins = plugins
        self.directory = directory
    }

    /// The ENI, moved into the task.
    func eni(_ interface: String) -> PluginCall {
        call("ecs-eni", interface, database: "none") { slot in
            #""eni":"eni-\#(slot.number)","mac":"\#(DeviceMaker.mac(slot))","#
                + #""ip-addresses":["10.84.\#(slot.addressSuffix)/16"],"gateway-ip-addresses":["10.84.0.1"]"#
        }
    }

    /// The way to the agent's endpoint.
    func bridge(_ interface: String, database: String) -> PluginCall {
        call("ecs-bridge", interface, database: database) { slot in
            #""bridge":"ecs-bridge","mtu":0,"ipam":{"type":"ecs-ipam","id":"\#(slot.container)","#
                + #""ipv4-subnet":"169.254.172.0/22","ipv4-routes":[{"dst":"169.254.170.2/32"}]}"#
        }
    }

    private func call(
        _ plugin: String, _ interface: String, database: String, _ members: @escaping @Sendable (Slot) -> String
    ) -> PluginCall {
        var call = PluginCall(plugin, in: plugins, interface: interface) { slot in
            #""cniVersion":"0.3.0","name":"bench","type":"\#(plugin)","# + members(slot)
        }
        call.tellsPrevious = false
        call.environment = ["IPAM_DB_PATH=\(directory.appending(database))", "ECS_CNI_LOGLEVEL=off"]
        return call
    }
}
