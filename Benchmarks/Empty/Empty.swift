// SPDX-License-Identifier: Apache-2.0

/// Does nothing. What it costs to start it is what any static program in Swift costs to start.
@main
enum Empty {
    static func main() {}
}
