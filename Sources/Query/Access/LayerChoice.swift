import ArgumentParser

/// `--layers`: all, or numbers and ranges: "0,6,12", "4-8".
enum LayerChoice: ExpressibleByArgument, Equatable {
    case all
    /// Ascending, each once.
    case some([Int])

    init?(argument: String) {
        if argument == "all" {
            self = .all
            return
        }
        var layers: Set<Int> = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
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
        self = .some(layers.sorted())
    }

    /// No transformer has a thousand layers: a bound keeps "0-999999999" from filling memory.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), value < 1000
        else { return nil }
        return value
    }

    /// Those of `stored` that are asked for, ascending.
    func among(_ stored: [Int]) -> [Int] {
        switch self {
        case .all: stored
        case .some(let layers): stored.filter(layers.contains)
        }
    }

    static var allValueStrings: [String] { ["all", "0,6,12", "4-8"] }
}
