// SPDX-License-Identifier: Apache-2.0
import CNetlink
import SystemPackage

/// A message of the kernel's as libnl-route reads it: a `struct rtnl_link`, `rtnl_addr` and so on, by the message's type.
///
/// - Returns: a reference that the caller has to give back with `nl_object_put`.
func parsedObject(_ header: UnsafeMutablePointer<nlmsghdr>) throws(Refusal) -> OpaquePointer {
    guard let message = nlmsg_convert(header) else { throw Refusal(.noMemory) }
    defer { nlmsg_free(message) }
    nlmsg_set_proto(message, NETLINK_ROUTE)
    var found: OpaquePointer?
    let code = nl_msg_parse(
        message,
        { object, found in
            nl_object_get(object)
            found?.assumingMemoryBound(to: OpaquePointer?.self).pointee = object
        }, &found)
    guard code >= 0, let found else { throw Refusal(.badMessage, String(cString: nl_geterror(code))) }
    return found
}
