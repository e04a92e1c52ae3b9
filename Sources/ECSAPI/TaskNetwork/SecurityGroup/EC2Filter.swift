// SPDX-License-Identifier: Apache-2.0
package import VPC

/// EC2's: only those whose `Name` is one of `Values`. All filters of a request have to fit.
package struct EC2Filter: Hashable, Sendable, Codable {
    package var name: String?
    package var values: [String]?

    package init(name: String, values: [String]) {
        self.name = name
        self.values = values
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case values = "Values"
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, ["Name", "Values"])
        self.init(name: try members.optional("Name") ?? "", values: try members.list("Values"))
    }
}

extension [EC2Filter] {
    /// Checks that each filter is one of `names`.
    package func validate(_ names: [String]) throws(ValidationFailure) {
        for filter in self where !names.contains(filter.name ?? "") {
            throw ValidationFailure(
                .parameterValue, "The filter '\((filter.name ?? "").shortened)' is invalid",
                detail: "there are: \(names.joined(separator: ", "))")
        }
    }

    /// Whether a thing with these texts, by the filters' names, fits all of them.
    package func fit(_ texts: [String: String]) -> Bool {
        allSatisfy { filter in texts[filter.name ?? ""].map { (filter.values ?? []).contains($0) } ?? false }
    }
}
