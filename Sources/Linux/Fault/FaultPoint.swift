// SPDX-License-Identifier: Apache-2.0
#if DEBUG
    import Glibc
    import Synchronization
#endif

/// A place where a debug build can be told to die as by `kill -9`, so that tests can see what is made of what it leaves.
///
/// `TASKNET_FAULT_POINT=<name>` in the environment ends the process the first time that it comes by the point of that
/// name, `<name>:<n>` the nth time. Nothing of it is in a release build.
package enum FaultPoint {
    #if DEBUG
        package static let variable = "TASKNET_FAULT_POINT"

        private struct Armed {
            let name: String
            let count: Int
        }

        private static let armed: Armed? = {
            guard let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty else {
                return nil
            }
            let parts = text.split(separator: ":", maxSplits: 1)
            return Armed(name: String(parts[0]), count: parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        }()
        private static let passed = Mutex(0)

        package static func pass(_ name: @autoclosure () -> String) {
            guard let armed, armed.name == name() else { return }
            let isDue = passed.withLock { passed in
                passed += 1
                return passed == armed.count
            }
            // By the kernel and at once: no handler runs, no buffer is written, no destructor.
            if isDue { kill(getpid(), SIGKILL) }
        }
    #else
        @inline(__always)
        package static func pass(_ name: @autoclosure () -> String) {}
    #endif
}
