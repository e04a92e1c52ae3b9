// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The command line.
struct Arguments {
    private(set) var socket: CText
    private(set) var networkNamespace: CText
    private(set) var hostname: CText

    private static let usage =
        "usage: tasknet-pause --socket PATH --netns PATH --hostname NAME\n"

    /// Nil after it said how it should have been.
    init?() {
        var socket: CText?
        var networkNamespace: CText?
        var hostname: CText?
        let values = tasknet_argument_values()
        var index = 1
        while index < Int(tasknet_argument_count()), let argument = values?[index] {
            let option = Text(argument)
            let value = values?[index + 1].map { CText($0) }
            if option == "--socket" {
                socket = value
            } else if option == "--netns" {
                networkNamespace = value
            } else if option == "--hostname" {
                hostname = value
            } else {
                Arguments.refuse(option)
                return nil
            }
            index += 2
        }
        guard let socket, let networkNamespace, let hostname else {
            Arguments.refuse(nil)
            return nil
        }
        self.socket = socket
        self.networkNamespace = networkNamespace
        self.hostname = hostname
    }

    private static func refuse(_ option: Text?) {
        if let option { Program.complain(Bytes("unknown option ") + option.bytes) }
        let text = Bytes(usage)
        write(2, text, text.count)
    }
}
