// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A connected client and what it has not been sent yet.
final class Client {
    let socket: Descriptor
    private(set) var isClosed = false
    private var outgoing: [Bytes] = []
    private var outgoingBytes = 0

    /// A client that lets more than this pile up is cut off.
    private static let outgoingLimit = 1 << 20

    init(_ socket: consuming Descriptor) {
        self.socket = socket
    }

    var isWaitingToSend: Bool { !outgoing.isEmpty }

    func close() {
        isClosed = true
        outgoing = []
    }

    func send(_ message: Message) {
        guard !isClosed else { return }
        outgoing.append(message.bytes)
        outgoingBytes += message.bytes.count
        flush()
        if outgoingBytes > Client.outgoingLimit { close() }
    }

    /// Sends what the socket takes now.
    func flush() {
        var sent = 0
        while sent < outgoing.count {
            let message = outgoing[sent]
            guard tasknet_seqpacket_send(socket.raw, message, message.count, -1) >= 0 else {
                // Out of memory or of buffer space is a matter of waiting; all else is the end.
                if lastError != EAGAIN && lastError != ENOBUFS && lastError != ENOMEM { return close() }
                break
            }
            outgoingBytes -= message.count
            sent += 1
        }
        outgoing.removeFirst(sent)
    }

    /// One message into `buffer`, and the descriptor that came with it. False when there is none.
    func receive(
        into buffer: UnsafeMutableBufferPointer<CChar>, _ body: (Int, consuming Descriptor?, Int32) -> Void
    ) -> Bool {
        var descriptor: Int32 = -1
        var flags: Int32 = 0
        let count = tasknet_seqpacket_receive(socket.raw, buffer.baseAddress, buffer.count, &descriptor, &flags)
        if count <= 0 {
            if descriptor >= 0 { CLinux.close(descriptor) }
            // An empty packet looks like the end; no client of ours sends one.
            if count == 0 || lastError != EAGAIN { close() }
            return false
        }
        if descriptor >= 0 {
            body(count, Descriptor(owning: descriptor), flags)
        } else {
            body(count, nil, flags)
        }
        return true
    }
}
