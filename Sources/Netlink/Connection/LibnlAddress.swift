// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNetlink
import Glibc

// Addresses as libnl's objects take and give them. The corresponding C type is libnl's `struct nl_addr`.

extension IPAddress {
    /// Lends the address to libnl, which keeps a reference of its own where it needs one. nil only without memory.
    func withLibnl<Result>(prefixLength: Int? = nil, _ body: (OpaquePointer?) -> Result) -> Result {
        withLibnlAddress(family.constant, bytes, prefixLength ?? family.addressBits, body)
    }

    /// nil for none, and for families that are not IP.
    init?(libnl raw: OpaquePointer?) {
        guard let raw, let family = IPFamily(constant: nl_addr_get_family(raw)) else { return nil }
        let bytes = bytesOfLibnlAddress(raw)
        // libnl's address of length 0 is "any", as a default route's destination is.
        guard let address = bytes.isEmpty ? .any(family) : IPAddress(bytes: bytes) else { return nil }
        self = address
    }

    static func any(_ family: IPFamily) -> IPAddress {
        family == .v4 ? .v4(.any) : .v6(.any)
    }
}

extension CIDRBlock {
    func withLibnl<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        network.withLibnl(prefixLength: prefixLength, body)
    }

    init?(libnl raw: OpaquePointer?) {
        guard let raw, let address = IPAddress(libnl: raw) else { return nil }
        self.init(containing: address, prefixLength: Int(nl_addr_get_prefixlen(raw)))
    }
}

extension MACAddress {
    func withLibnl<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
        withLibnlAddress(AF_LLC, bytes, 48, body)
    }

    init?(libnl raw: OpaquePointer?) {
        guard let raw else { return nil }
        self.init(bytes: bytesOfLibnlAddress(raw))
    }
}

extension IPFamily {
    /// `AF_INET` or `AF_INET6`
    var constant: CInt { self == .v4 ? AF_INET : AF_INET6 }

    init?(constant: CInt) {
        switch constant {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: return nil
        }
    }
}

private func withLibnlAddress<Result>(
    _ family: CInt, _ bytes: [UInt8], _ prefixLength: Int, _ body: (OpaquePointer?) -> Result
) -> Result {
    let raw = nl_addr_build(family, bytes, bytes.count)
    defer { nl_addr_put(raw) }
    if let raw { nl_addr_set_prefixlen(raw, CInt(prefixLength)) }
    return body(raw)
}

private func bytesOfLibnlAddress(_ raw: OpaquePointer) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: nl_addr_get_binary_addr(raw), count: Int(nl_addr_get_len(raw))))
}
