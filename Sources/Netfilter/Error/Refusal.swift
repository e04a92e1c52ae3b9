// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// Why something did not work, before it is said what: `NetfilterError` adds that, once.
struct Refusal: Error {
    let errno: Errno
    let message: String?

    init(_ errno: Errno, _ message: String? = nil) {
        self.errno = errno
        self.message = message
    }
}

extension NetfilterError {
    init(_ operation: String, _ object: String, _ refusal: Refusal) {
        self.init(operation, object, refusal.errno, refusal.message)
    }
}
