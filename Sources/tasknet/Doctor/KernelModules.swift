// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage

/// Which parts of the kernel are there, or can be loaded.
struct KernelModules {
    enum Availability: Equatable {
        /// Built in, or loaded.
        case present
        /// A module that is loaded when it is asked for.
        case loadable
        case missing
    }

    /// The running kernel's modules, as `modules.dep` and `modules.builtin` list them; empty where there are none.
    private let listed: Set<String>
    private let builtIn: Set<String>

    init(release: String = Self.release) {
        let directory = "/lib/modules/\(release)"
        listed = Self.names(in: Self.text("\(directory)/modules.dep"))
        builtIn = Self.names(in: Self.text("\(directory)/modules.builtin"))
    }

    /// - Parameter symbol: a function of the module's, by which a kernel without module lists tells that it has it.
    func availability(of module: String, symbol: String) -> Availability {
        if access("/sys/module/\(module)", F_OK) == 0 || builtIn.contains(module) { return .present }
        if listed.contains(module) { return .loadable }
        return Self.hasSymbol(symbol) ? .present : .missing
    }

    /// The file systems that the kernel knows by now.
    static var fileSystems: Set<String> {
        Set(
            text("/proc/filesystems").split(separator: "\n").compactMap {
                $0.split(separator: "\t").last.map(String.init)
            })
    }

    static var release: String {
        text("/proc/sys/kernel/osrelease")
    }

    /// The names in lines such as "kernel/net/8021q/8021q.ko.xz: kernel/net/802/garp.ko.xz".
    static func names(in list: String) -> Set<String> {
        Set(
            list.split(separator: "\n").compactMap { line in
                let path = line.prefix { $0 != ":" }
                guard let file = path.split(separator: "/").last, let end = file.firstRange(of: ".ko") else {
                    return nil
                }
                // Files are named with hyphens or underscores, modules with underscores.
                return String(file[..<end.lowerBound]).replacing("-", with: "_")
            })
    }

    private static func hasSymbol(_ symbol: String) -> Bool {
        // Lines such as "ffffffff81e5d0a0 t nf_tables_newtable"; the addresses are zero for ordinary users.
        text("/proc/kallsyms", limit: 64 << 20).contains(" \(symbol)\n")
    }

    private static func text(_ path: String, limit: Int = 8 << 20) -> String {
        guard let file = try? OwnedDescriptor.open(FilePath(path), O_RDONLY, operation: "read"),
            let bytes = try? file.readToEnd(of: path, limit: limit)
        else { return "" }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") && text.count(where: { $0 == "\n" }) == 1 ? String(text.dropLast()) : text
    }
}
