// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Netlink

/// What the running kernel can do. Links are not looked up but made, in a namespace that is gone afterwards: a kernel can
/// have a kind built in, or as a module that it loads when it is asked for.
enum KernelChecks {
    static let area = "kernel"

    /// A kind of link, what it is for, and what brings it.
    struct LinkFeature {
        var kind: String
        var purpose: String
        var module: String
        var option: String
        /// Whether a task in its ordinary form cannot be without.
        var isRequired = false
    }

    static let linkFeatures = [
        LinkFeature(
            kind: "veth", purpose: "the interfaces of tasks", module: "veth", option: "CONFIG_VETH", isRequired: true),
        LinkFeature(kind: "dummy", purpose: "ENIs of the type dummy", module: "dummy", option: "CONFIG_DUMMY"),
        LinkFeature(
            kind: "vlan", purpose: "ENIs of the type branch", module: "8021q", option: "CONFIG_VLAN_8021Q"),
        LinkFeature(
            kind: "macvlan", purpose: "ENIs of the type macvlan", module: "macvlan", option: "CONFIG_MACVLAN"),
        LinkFeature(kind: "ipvlan", purpose: "ENIs of the type ipvlan", module: "ipvlan", option: "CONFIG_IPVLAN"),
    ]

    static func findings() -> [Finding] {
        let modules = KernelModules()
        return links() + [nfTables(modules), overlay(modules)]
    }

    private static func links() -> [Finding] {
        guard geteuid() == 0 else {
            return [
                Finding(
                    area, .unknown, "kinds of links: only root can try to make them", mend: "sudo tasknet doctor")
            ]
        }
        do {
            let namespace = try NetworkNamespace.create()
            let connection = try RouteConnection(in: namespace)
            try connection.apply(
                .createLink(LinkSpec(name: "parent", kind: .veth(peer: PeerSpec(name: "peer")))))
            let parent = try connection.link(named: "parent").index
            return [Finding(area, .ok, "network namespaces can be made")]
                + linkFeatures.map { finding($0, refusal: refusal($0, connection, parent)) }
        } catch let error as NetlinkError {
            return [finding(linkFeatures[0], refusal: error.description)]
        } catch {
            return [
                Finding(
                    area, .problem, "network namespaces cannot be made: \(error)",
                    mend: "use a kernel with CONFIG_NET_NS, and give this program CAP_SYS_ADMIN")
            ]
        }
    }

    /// Why a link of a kind cannot be made; nil when it can.
    private static func refusal(_ feature: LinkFeature, _ connection: RouteConnection, _ parent: Int32) -> String? {
        let kind: LinkKind
        switch feature.kind {
        case "dummy": kind = .dummy
        case "vlan": kind = .vlan(parent: parent, id: 5)
        case "macvlan": kind = .macvlan(parent: parent, mode: .bridge)
        case "ipvlan": kind = .ipvlan(parent: parent, mode: .l2)
        default: kind = .veth(peer: PeerSpec(name: "probe-peer"))
        }
        do {
            try connection.apply(.createLink(LinkSpec(name: "probe", kind: kind)))
            // A parent can have children of one kind only.
            try connection.apply(.deleteLink(.name("probe")))
            return nil
        } catch {
            return error.message ?? "\(error.errno)"
        }
    }

    static func finding(_ feature: LinkFeature, refusal: String?) -> Finding {
        guard let refusal else { return Finding(area, .ok, "\(feature.kind) links can be made") }
        return Finding(
            area, feature.isRequired ? .problem : .note,
            "\(feature.kind) links cannot be made (\(refusal)); they are for \(feature.purpose)",
            mend: "modprobe \(feature.module), or use a kernel with \(feature.option)")
    }

    private static func nfTables(_ modules: KernelModules) -> Finding {
        switch modules.availability(of: "nf_tables", symbol: "nf_tables_newtable") {
        case .present: Finding(area, .ok, "nf_tables is there")
        case .loadable: Finding(area, .ok, "nf_tables is a module, loaded when it is needed")
        case .missing:
            Finding(
                area, .note, "nf_tables is missing, which security groups need",
                mend: "modprobe nf_tables, or use a kernel with CONFIG_NF_TABLES")
        }
    }

    private static func overlay(_ modules: KernelModules) -> Finding {
        if KernelModules.fileSystems.contains("overlay") { return Finding(area, .ok, "overlay file systems are there") }
        switch modules.availability(of: "overlay", symbol: "ovl_fill_super") {
        case .present: return Finding(area, .ok, "overlay file systems are there")
        case .loadable: return Finding(area, .ok, "overlay is a module, loaded when it is needed")
        case .missing:
            return Finding(
                area, .note,
                "overlay file systems are missing: what containers change in their images is kept in memory",
                mend: "modprobe overlay, or use a kernel with CONFIG_OVERLAY_FS")
        }
    }
}
