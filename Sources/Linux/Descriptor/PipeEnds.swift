// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The two ends of a pipe, both closed on exec. The corresponding C function is `pipe2`.
package struct PipeEnds: ~Copyable {
    package let reading: OwnedDescriptor
    package let writing: OwnedDescriptor

    package init() throws(LinuxError) {
        var ends: (CInt, CInt) = (-1, -1)
        let status = withUnsafeMutablePointer(to: &ends) {
            $0.withMemoryRebound(to: CInt.self, capacity: 2) { tasknet_pipe($0) }
        }
        guard status == 0 else { throw .last("create", "pipe") }
        reading = OwnedDescriptor(ends.0)
        writing = OwnedDescriptor(ends.1)
    }

    /// Closes the writing end: when all other copies of it are closed too, reading comes to an end.
    package consuming func intoReading() -> OwnedDescriptor {
        reading
    }

    /// Closes the reading end: writing fails from when all other copies of it are closed too.
    package consuming func intoWriting() -> OwnedDescriptor {
        writing
    }
}
