/// Numbers of layers as people write them: "7", "0,6,12", "8-12", "0-2,6".
package enum LayerNumbers {
    /// No transformer has a thousand layers: the bound keeps "0-999999999" from filling memory.
    private static let limit = 1000

    /// Ascending, each once; nil when the text is anything else.
    package static func parse(_ text: some StringProtocol) -> [Int]? {
        var numbers = Set<Int>()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { number(String($0)) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
                return nil
            }
            numbers.formUnion(first...last)
        }
        return numbers.sorted()
    }

    /// [0, 1, 2, 6] → "0-2,6": the same text for the same layers, however they were written.
    package static func text(_ numbers: [Int], separator: String = ",") -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: separator)
    }

    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), value < limit
        else { return nil }
        return value
    }
}
