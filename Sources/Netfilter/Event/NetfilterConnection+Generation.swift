// SPDX-License-Identifier: Apache-2.0
import CNetfilter

extension NetfilterConnection {
    /// A number that every transaction in the namespace, whosever it is, makes one more. After the last comes the first.
    ///
    /// The corresponding C constant is `NFT_MSG_GETGEN`.
    package func generation() throws(NetfilterError) -> UInt32 {
        do throws(Refusal) {
            return try get(
                { sequence in
                    NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN.rawValue, family: UInt8(NFPROTO_UNSPEC),
                        sequence: sequence)
                },
                parse: { header throws(Refusal) in
                    Attributes(header, offset: MemoryLayout<nfgenmsg>.size)[CInt(NFTA_GEN_ID.rawValue)]?.number()
                })
        } catch {
            throw NetfilterError("read", "the ruleset's generation", error)
        }
    }
}
