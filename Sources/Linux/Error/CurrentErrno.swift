// SPDX-License-Identifier: Apache-2.0
// In a file of its own: `errno` is also the name of a property wherever an error is described.
import Glibc

func currentErrno() -> CInt { errno }
