// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Linux

/// A descriptor that several share; it is closed when the last one lets go of it.
final class Socket: Sendable {
    private let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Valid as long as this object is.
    var raw: CInt { descriptor.withRaw { $0 } }
}

/// Tells when there is something to read.
final class ReadSource: Sendable {
    // Dispatch objects may be used from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    init(_ socket: Socket, queue: DispatchQueue) {
        source = DispatchSource.makeReadSource(fileDescriptor: socket.raw, queue: queue)
        // Only when this ran has dispatch let go of the descriptor.
        source.setCancelHandler { _ = socket }
    }

    func start(_ body: @escaping @Sendable () -> Void) {
        source.setEventHandler(handler: body)
        source.resume()
    }

    func cancel() {
        source.cancel()
    }
}
