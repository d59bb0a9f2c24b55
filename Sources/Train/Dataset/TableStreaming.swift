import Console
import Lexicon

/// A few rows of a table, every row equally likely, drawn while it streams by (reservoir sampling, Vitter's
/// algorithm R).
struct ExampleRows {
    private let size: Int
    private var random: SeededRandom
    private var seen = 0
    private var kept: [(row: Int, constraint: Constraint)] = []

    init(size: Int, seed: UInt64) {
        self.size = size
        random = SeededRandom(seed: seed)
    }

    mutating func offer(_ cells: ConstraintCells) {
        seen += 1
        if kept.count < size {
            kept.append((seen, cells.constraint))
        } else if size > 0 {
            let place = random.below(seen)
            if place < size { kept[place] = (seen, cells.constraint) }
        }
    }

    /// In the table's order; rows count from 1 and leave the header out.
    var rows: [(row: Int, constraint: Constraint)] { kept.sorted { $0.row < $1.row } }
}

/// Looks up now and then from a long table: says how far it is, and whether the user wants to stop.
final class RowProgress {
    private let output: OutputOptions
    private var lastRemark = monotonicSeconds()

    private static let interval = 10.0

    init(output: OutputOptions) { self.output = output }

    /// - Throws: `ConsoleError.stopped`.
    func pass(row: Int) throws {
        guard row % 8192 == 0 else { return }
        if StopRequest.isMade { throw ConsoleError.stopped(advice: "nothing was written") }
        let now = monotonicSeconds()
        guard now - lastRemark >= Self.interval else { return }
        lastRemark = now
        output.remark("\(Quantity.counted(row, "row")) read")
    }
}
