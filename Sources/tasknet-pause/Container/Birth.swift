// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What a new process tells the pause process until its command runs. Both are the same program, so that nothing of this
/// leaves it.
enum Birth {
    enum Report {
        struct Failure {
            let number: Int32
            var text: Bytes
        }

        /// The main process was forked: its pidfd, and how the root file system was made.
        case main(descriptor: Int32, root: Bytes)
        case failed(Failure)
        /// The channel was closed: by the command's start, or by its end.
        case end
        case nothing
    }

    private static let mainMark = UInt8(ascii: "m")
    private static let failedMark = UInt8(ascii: "f")

    /// Returns when the pause process has looked at the main process, which must not be reaped before. False when the
    /// pause process is gone.
    static func sendMain(_ descriptor: Int32, root: String, to channel: Int32) -> Bool {
        let message = [mainMark] + Bytes(root)
        guard tasknet_seqpacket_send(channel, message, message.count, descriptor) >= 0 else { return false }
        var mark: UInt8 = 0
        var count: Int
        repeat { count = recv(channel, &mark, 1, 0) } while count < 0 && lastError == EINTR
        return count == 1
    }

    static func acknowledgeMain(on channel: Int32) {
        _ = tasknet_seqpacket_send(channel, [mainMark], 1, -1)
    }

    static func sendFailure(_ failure: tasknet_pause.Failure, to channel: Int32) {
        var message = [failedMark]
        message.append(decimal: failure.number, width: 6)
        // Room for the other fields of the answer.
        message += failure.text.prefix(Int(TASKNET_PAUSE_MESSAGE_MAX) - 1024)
        _ = tasknet_seqpacket_send(channel, message, message.count, -1)
    }

    static func receive(from channel: Int32) -> Report {
        var buffer = Bytes(repeating: 0, count: Int(TASKNET_PAUSE_MESSAGE_MAX))
        var descriptor: Int32 = -1
        var flags: Int32 = 0
        let count = tasknet_seqpacket_receive(channel, &buffer, buffer.count, &descriptor, &flags)
        if count < 0 && lastError == EAGAIN { return .nothing }
        guard count > 0 else { return .end }
        if buffer[0] == mainMark && descriptor >= 0 {
            return .main(descriptor: descriptor, root: Bytes(buffer[1..<count]))
        }
        if descriptor >= 0 { close(descriptor) }
        guard buffer[0] == failedMark, count >= 7 else {
            return .failed(.init(number: EMFILE, text: Bytes("start: no descriptor left for the new process")))
        }
        let number = Int32(clamping: parseNumber(buffer[1..<7]) ?? UInt64(EINVAL))
        return .failed(.init(number: number, text: Bytes(buffer[7..<count])))
    }
}
