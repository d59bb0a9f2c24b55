import ArgumentParser

/// Which layers to keep: "all", or numbers and ranges: "0,6,12", "8-12".
enum LayerSelection: Hashable, Sendable, ExpressibleByArgument {
    case all
    /// Ascending, distinct.
    case some([Int])

    init?(argument: String) {
        if argument == "all" {
            self = .all
            return
        }
        var numbers = Set<Int>()
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let bounds = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Self.number($0) }
            guard let first = bounds[0], let last = bounds[bounds.count - 1], first <= last else { return nil }
            numbers.formUnion(first...last)
        }
        self = .some(numbers.sorted())
    }

    /// Plain decimal digits below 1,000: no transformer has more layers.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    /// The layers of a checkpoint with layers 0 … `layerCount`, ascending.
    func numbers(checkpoint: String, layerCount: Int) throws -> [Int] {
        switch self {
        case .all: return Array(0...layerCount)
        case .some(let numbers):
            if let last = numbers.last, last > layerCount {
                throw IndexerError.unknownLayer(checkpoint: checkpoint, layer: last, layerCount: layerCount)
            }
            return numbers
        }
    }
}
