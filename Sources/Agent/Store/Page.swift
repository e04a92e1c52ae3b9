// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A part of a list, with where to go on.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    package var nextToken: String?

    /// - Parameter rows: one more than the limit where there are more.
    init(_ rows: [Item], limit: Int, token: (Item) -> PageToken) {
        items = Array(rows.prefix(limit))
        nextToken = rows.count > limit ? items.last.map { token($0).text } : nil
    }

    package func map<T: Sendable>(_ transform: (Item) throws -> T) rethrows -> Page<T> {
        try Page<T>(items: items.map(transform), nextToken: nextToken)
    }

    private init(items: [Item], nextToken: String?) {
        self.items = items
        self.nextToken = nextToken
    }
}

/// The key of a page's last row, in a form that nobody is tempted to build by hand.
struct PageToken: Equatable {
    var fields: [String]

    init(fields: [String]) { self.fields = fields }

    init(text: String, fields count: Int) throws {
        guard let data = Data(base64Encoded: text), let plain = String(validating: data, as: UTF8.self) else {
            throw StoreError.invalidToken
        }
        fields = plain.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == count else { throw StoreError.invalidToken }
    }

    var text: String { Data(fields.joined(separator: "\n").utf8).base64EncodedString() }
}
