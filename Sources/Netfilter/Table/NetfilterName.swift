// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

/// The names of tables, chains, sets and counters. The kernel takes any bytes for one; nft can write only some of them,
/// and in a text a name with others would be something else altogether.
package enum NetfilterName {
    /// In bytes. The corresponding C constant is `NFT_NAME_MAXLEN`, which counts a NUL too.
    package static let maximumLength = Int(NFT_NAME_MAXLEN) - 1

    /// - Throws: `EINVAL` (`ENAMETOOLONG` for one that is too long) with what is wrong with the name.
    package static func require(_ name: String, _ kind: String) throws(NetfilterError) {
        if let refusal = refusal(name) { throw NetfilterError("use", "\(kind) name \"\(printable(name))\"", refusal) }
    }

    private static func refusal(_ name: String) -> Refusal? {
        let bytes = name.utf8
        guard let first = bytes.first else { return Refusal(.invalidArgument, "it is empty") }
        if bytes.count > maximumLength {
            return Refusal(.fileNameTooLong, "it is \(bytes.count) bytes long, at most \(maximumLength) are allowed")
        }
        guard isLetter(first) || first == UInt8(ascii: "_") else {
            return Refusal(.invalidArgument, "it has to begin with a letter or an underscore")
        }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "/"):
                continue
            default:
                guard isLetter(byte) else {
                    return Refusal(.invalidArgument, "only letters of ASCII, digits and _ - . / are allowed")
                }
            }
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// For messages: an error that is logged is one line.
    private static func printable(_ name: String) -> String {
        String(
            decoding: name.utf8.prefix(maximumLength).map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "?") : $0 },
            as: UTF8.self)
    }
}
