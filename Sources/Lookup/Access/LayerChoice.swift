/// Which layers a question is about: all, or numbers and ranges ("0,6,12", "4-8"); the mean of layers ("0-8:mean").
package enum LayerChoice: Equatable, Sendable {
    case all
    /// Ascending, each once.
    case some([Int])
    /// One view, the mean of these layers: ascending, each once.
    case mean([Int])

    package init?(argument: String) {
        if argument == "all" {
            self = .all
            return
        }
        let isMean = argument.hasSuffix(Self.meanSuffix)
        var layers: Set<Int> = []
        let list = isMean ? argument.dropLast(Self.meanSuffix.count) : argument[...]
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Self.number($0) }
            switch ends.count {
            case 1:
                guard let layer = ends[0] else { return nil }
                layers.insert(layer)
            case 2:
                guard let first = ends[0], let last = ends[1], first <= last else { return nil }
                layers.formUnion(first...last)
            default: return nil
            }
        }
        self = isMean ? .mean(layers.sorted()) : .some(layers.sorted())
    }

    private static let meanSuffix = ":mean"

    /// The same name for the same layers, however they were written: [0, 1, 2, 5] → "0-2,5:mean".
    static func name(ofMean layers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for layer in layers {
            if let last = ranges.last, last.upperBound + 1 == layer {
                ranges[ranges.count - 1] = last.lowerBound...layer
            } else {
                ranges.append(layer...layer)
            }
        }
        let parts = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return parts.joined(separator: ",") + meanSuffix
    }

    /// No transformer has a thousand layers: a bound keeps "0-999999999" from filling memory.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), value < 1000
        else { return nil }
        return value
    }

    /// Those of `stored` that are asked for, ascending.
    package func among(_ stored: [Int]) -> [Int] {
        switch self {
        case .all: stored
        case .some(let layers), .mean(let layers): stored.filter(layers.contains)
        }
    }
}
