import ArgumentParser

/// Comma-separated numbers on a command line, none of them twice.
struct NumberList<Number: LosslessStringConvertible & Hashable & Sendable>: ExpressibleByArgument, Sendable {
    let values: [Number]

    init(_ values: [Number]) { self.values = values }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
            Number(String(part.filter { $0 != " " }))
        }
        let numbers = parts.compactMap { $0 }
        guard !numbers.isEmpty, numbers.count == parts.count, Set(numbers).count == numbers.count else { return nil }
        values = numbers
    }

    var defaultValueDescription: String { values.map { "\($0)" }.joined(separator: ",") }
}
