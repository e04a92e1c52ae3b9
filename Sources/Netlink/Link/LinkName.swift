// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// The kernel's rules for the names of links, checked before it is asked: it says only "Invalid argument", and takes a
/// name with a '%' in it for a pattern.
enum LinkName {
    /// In bytes. The corresponding C constant is `IFNAMSIZ`, which counts a NUL too.
    private static let maximumLength = Int(IFNAMSIZ) - 1

    /// - Throws: `EINVAL` (`ENAMETOOLONG` for one that is too long) with what is wrong with the name.
    static func require(_ name: String) throws(Refusal) {
        let bytes = name.utf8
        if bytes.count > maximumLength {
            throw Refusal(
                .fileNameTooLong, "\"\(name)\" is \(bytes.count) bytes long, at most \(maximumLength) are allowed")
        }
        if let fault = fault(bytes) { throw Refusal(.invalidArgument, "\"\(name)\" \(fault)") }
    }

    private static func fault(_ bytes: String.UTF8View) -> String? {
        if bytes.isEmpty { return "is an empty name" }
        if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { return "stands for a directory" }
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "/"): return "contains a slash"
            case UInt8(ascii: ":"): return "contains a colon"
            case UInt8(ascii: "%"): return "contains a percent sign, which would make it a pattern"
            case 0: return "contains a NUL byte"
            // The kernel counts Latin-1's no-break space as white space, also within UTF-8.
            case 9...13, 32, 0xA0: return "contains white space"
            default: continue
            }
        }
        return nil
    }
}
