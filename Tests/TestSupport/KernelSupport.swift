// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Synchronization

/// What kinds of links the running kernel can make.
package enum KernelSupport {
    private static let answers = Mutex<[String: String?]>([:])

    /// Why links of a kind cannot be made here; nil when they can.
    package static func whyMissing(_ kind: String) -> String? {
        answers.withLock { answers in
            if let known = answers[kind] { return known }
            let answer = tryToMake(kind)
            answers[kind] = .some(answer)
            return answer
        }
    }

    private static func tryToMake(_ kind: String) -> String? {
        guard geteuid() == 0 else { return "needs root" }
        do {
            let namespace = try NetworkNamespace.create()
            var link = ["ip", "link", "add", "probe", "type", kind]
            switch kind {
            case "vlan", "macvlan", "macvtap", "ipvlan":
                try run(["ip", "link", "add", "parent", "type", "veth", "peer", "name", "other"], in: namespace)
                link.insert(contentsOf: ["link", "parent"], at: 4)
                if kind == "vlan" { link += ["id", "5"] }
            case "vxlan":
                link += ["id", "5", "dstport", "4789"]
            default:
                break
            }
            try run(link, in: namespace)
            return nil
        } catch {
            return "this kernel makes no \(kind) links: \(error)"
        }
    }
}
