// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The number of the last system call's error.
var lastError: Int32 { __errno_location().pointee }

/// What could not be done, to what, and why: `exec "foo": No such file or directory`.
struct Failure: Error {
    let stage: String
    let object: Bytes
    let number: Int32
    let reason: String

    /// A system call's failure. The errno is the current one unless it is given.
    init(_ stage: String, _ object: Bytes = [], number: Int32 = lastError) {
        self.stage = stage
        self.object = object
        self.number = number
        reason = ""
    }

    /// A failure that no system call reported.
    init(_ stage: String, _ object: Bytes = [], reason: String, number: Int32 = EINVAL) {
        self.stage = stage
        self.object = object
        self.number = number
        self.reason = reason
    }

    init(_ stage: String, _ object: Text, number: Int32 = lastError) {
        self.init(stage, object.bytes, number: number)
    }

    init(_ stage: String, _ object: Text, reason: String, number: Int32 = EINVAL) {
        self.init(stage, object.bytes, reason: reason, number: number)
    }

    var text: Bytes {
        var text = Bytes(stage)
        if !object.isEmpty {
            text.append(" \"")
            text += object
            text.append("\"")
        }
        text.append(": ")
        if !reason.isEmpty {
            text.append(reason)
        } else if let description = strerrordesc_np(number) {
            text.append(Text(description))
        } else {
            text.append("error ")
            text.append(decimal: number)
        }
        return text
    }
}

/// The result of a system call that reports failure by a negative number.
@discardableResult
func check(_ result: Int32, _ stage: String, _ object: @autoclosure () -> Bytes = []) throws(Failure) -> Int32 {
    if result >= 0 { return result }
    let number = lastError
    throw Failure(stage, object(), number: number)
}

@discardableResult
func check(_ result: Int32, _ stage: String, _ object: Text) throws(Failure) -> Int32 {
    if result >= 0 { return result }
    throw Failure(stage, object, number: lastError)
}
