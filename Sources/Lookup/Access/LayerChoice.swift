import Encoder

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
        guard let layers = LayerNumbers.parse(isMean ? argument.dropLast(Self.meanSuffix.count) : argument[...]) else {
            return nil
        }
        self = isMean ? .mean(layers) : .some(layers)
    }

    private static let meanSuffix = ":mean"

    /// The same name for the same layers, however they were written: [0, 1, 2, 5] → "0-2,5:mean".
    static func name(ofMean layers: [Int]) -> String { LayerNumbers.text(layers) + meanSuffix }

    /// Those of `stored` that are asked for, ascending.
    package func among(_ stored: [Int]) -> [Int] {
        switch self {
        case .all: stored
        case .some(let layers), .mean(let layers): stored.filter(layers.contains)
        }
    }
}
