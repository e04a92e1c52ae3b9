// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc
import SystemPackage

extension ElementBatch.Entry {
    /// The message that makes this change. One for each element, so that a refusal's sequence number tells which it is.
    func message(sequence: UInt32) throws(Refusal) -> NetfilterMessage {
        let (type, flags) =
            switch change {
            case .add: (NFT_MSG_NEWSETELEM, NLM_F_CREATE)
            case .create: (NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL)
            // The kernel's own NFT_MSG_DESTROYSETELEM came with 6.3.
            case .delete, .destroy: (NFT_MSG_DELSETELEM, 0)
            }
        let isAddition = type == NFT_MSG_NEWSETELEM
        let message = NetfilterMessage(
            NFNL_SUBSYS_NFTABLES, type.rawValue, family: set.table.family.constant, flags: flags, sequence: sequence)
        try element.put(into: message, set.table, set: set.name, withValue: isAddition)
        return message
    }
}

extension SetElement {
    /// Writes the element as one of a set's, and nothing else, into a message.
    func put(
        into message: NetfilterMessage, _ table: TableID, set: String, withValue: Bool
    ) throws(Refusal) {
        guard let raw = nftnl_set_alloc() else { throw Refusal(.noMemory) }
        defer { nftnl_set_free(raw) }
        guard nftnl_set_set_str(raw, UInt16(NFTNL_SET_TABLE.rawValue), table.name) == 0,
            nftnl_set_set_str(raw, UInt16(NFTNL_SET_NAME.rawValue), set) == 0
        else { throw Refusal(.noMemory) }
        try put(into: raw, withValue: withValue)
        nftnl_set_elems_nlmsg_build_payload(message.header, raw)
    }
}

extension SetElement {
    /// Adds the element, with the one that ends it in an interval set, to a set of libnftnl's, which owns them then.
    fileprivate func put(into set: OpaquePointer, withValue: Bool) throws(Refusal) {
        switch extent {
        case .key(let key):
            try Self.make(key, in: set) { raw throws(Refusal) in
                if withValue { try value?.put(into: raw) }
            }
        case .box(let first, through: let last):
            try Self.make(first, in: set) { raw throws(Refusal) in
                try Self.put(last.bytes, NFTNL_SET_ELEM_KEY_END, into: raw)
                if withValue { try value?.put(into: raw) }
            }
        case .range(let first, through: let last):
            guard first.bytes.count == last.bytes.count, first <= last else {
                throw Refusal(.invalidArgument, "it ends before it begins")
            }
            let end = last.successor
            try Self.make(first, in: set) { raw throws(Refusal) in
                if withValue { try value?.put(into: raw) }
                // Nothing comes behind the last key of all: then there is no end, and nft wants to be told.
                if end == nil, withValue { try Self.markOpen(raw) }
            }
            guard let end else { return }
            try Self.make(end, in: set) { raw in
                nftnl_set_elem_set_u32(raw, UInt16(NFTNL_SET_ELEM_FLAGS), NFT_SET_ELEM_INTERVAL_END.rawValue)
            }
        }
    }

    private static func make(
        _ key: SetKey, in set: OpaquePointer, _ body: (OpaquePointer) throws(Refusal) -> Void
    ) throws(Refusal) {
        guard let raw = nftnl_set_elem_alloc() else { throw Refusal(.noMemory) }
        do throws(Refusal) {
            try put(key.bytes, NFTNL_SET_ELEM_KEY, into: raw)
            try body(raw)
        } catch {
            nftnl_set_elem_free(raw)
            throw error
        }
        nftnl_set_elem_add(set, raw)
    }

    fileprivate static func put(_ bytes: [UInt8], _ attribute: Int, into raw: OpaquePointer) throws(Refusal) {
        // libnftnl copies as much as it is told.
        guard bytes.count <= SetKey.maximumLength else { throw Refusal(.invalidArgument, "\(bytes.count) bytes long") }
        guard nftnl_set_elem_set(raw, UInt16(attribute), bytes, UInt32(bytes.count)) == 0 else {
            throw Refusal(.noMemory)
        }
    }

    /// nft's note beside an element for itself: without it, it would show the range up to the last address without
    /// that.
    private static func markOpen(_ raw: OpaquePointer) throws(Refusal) {
        guard let note = nftnl_udata_buf_alloc(UInt32(NFT_USERDATA_MAXLEN)) else { throw Refusal(.noMemory) }
        defer { nftnl_udata_buf_free(note) }
        nftnl_udata_put_u32(
            note, UInt8(NFTNL_UDATA_SET_ELEM_FLAGS.rawValue), NFTNL_SET_ELEM_F_INTERVAL_OPEN.rawValue)
        guard
            nftnl_set_elem_set(
                raw, UInt16(NFTNL_SET_ELEM_USERDATA), nftnl_udata_buf_data(note), nftnl_udata_buf_len(note)) == 0
        else { throw Refusal(.noMemory) }
    }
}

extension SetElement.Value {
    fileprivate func put(into raw: OpaquePointer) throws(Refusal) {
        switch self {
        case .verdict(let verdict):
            nftnl_set_elem_set_u32(raw, UInt16(NFTNL_SET_ELEM_VERDICT), UInt32(bitPattern: verdict.constant))
            guard let chain = verdict.chain else { return }
            try Self.put(chain, NFTNL_SET_ELEM_CHAIN, into: raw)
        case .data(let data):
            try SetElement.put(data.bytes, NFTNL_SET_ELEM_DATA, into: raw)
        case .object(let name):
            try Self.put(name, NFTNL_SET_ELEM_OBJREF, into: raw)
        }
    }

    private static func put(_ name: String, _ attribute: Int, into raw: OpaquePointer) throws(Refusal) {
        guard nftnl_set_elem_set_str(raw, UInt16(attribute), name) == 0 else { throw Refusal(.noMemory) }
    }
}
