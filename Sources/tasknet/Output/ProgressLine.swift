// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One line on standard error that says what is being waited for, and is gone when the waiting is over. Where nobody
/// watches, it says nothing.
struct ProgressLine {
    private let isShown: Bool
    private let begin = ContinuousClock.now
    private var hasLine = false

    init(isShown: Bool = Terminal.showsProgress) {
        self.isShown = isShown
    }

    /// Shows `text` and the time since the beginning.
    mutating func show(_ text: String) {
        let elapsed = begin.duration(to: .now)
        // Nobody needs to read about what is over at once.
        guard isShown, elapsed > .milliseconds(150) else { return }
        let line = "\(text)  \(elapsed.components.seconds) s".prefix(Terminal.width(of: STDERR_FILENO) - 1)
        Terminal.writeError("\r\(line)\u{1b}[K")
        hasLine = true
    }

    /// Makes room for other output; to be called when the waiting is over.
    mutating func clear() {
        if hasLine { Terminal.writeError("\r\u{1b}[K") }
        hasLine = false
    }
}
