import ArgumentParser
import Encoder

/// "mbert=models/mbert": a name and a path on the command line.
struct NamedPath: ExpressibleByArgument, Hashable, Sendable {
    let name: String
    let path: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex,
            argument.index(after: equals) != argument.endIndex
        else { return nil }
        name = String(argument[..<equals])
        path = String(argument[argument.index(after: equals)...])
    }
}

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
