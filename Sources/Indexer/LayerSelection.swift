import ArgumentParser
import Encoder

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
        guard let numbers = LayerNumbers.parse(argument) else { return nil }
        self = .some(numbers)
    }

    /// As it would be typed.
    var text: String {
        switch self {
        case .all: "all"
        case .some(let numbers): LayerNumbers.text(numbers)
        }
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
