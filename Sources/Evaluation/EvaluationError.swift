import Diagnostics

/// What can keep a score from being computed.
package enum EvaluationError: Diagnosable {
    /// A row that cannot be normalised: all zero, or with a value that is not a number.
    case unusableVector(source: String, row: Int)
    case dimensionMismatch(first: String, firstDimension: Int, second: String, secondDimension: Int)
    /// A row that was asked for and is not there: list and vectors belong to different states.
    case noSuchRow(source: String, row: Int, count: Int)
    /// Stored ranks or similarities that are not what was written.
    case damagedOutcomes(String)
    /// The gold entry's own score differs between two passes: identical inputs must give identical bits.
    case inexactProducts(source: String, row: Int)

    package var exitStatus: ExitStatus {
        switch self {
        case .unusableVector, .dimensionMismatch, .noSuchRow, .damagedOutcomes: .badInput
        case .inexactProducts: .internalError
        }
    }

    package var description: String {
        switch self {
        case .unusableVector(let source, let row):
            "\(source): the vector of row \(row) has length zero or holds a value that is not a number; "
                + "run `indexer verify`, then build this collection again"
        case .dimensionMismatch(let first, let firstDimension, let second, let secondDimension):
            "\(first) has \(firstDimension) dimensions, \(second) has \(secondDimension): "
                + "they belong to different checkpoints, or went through different Dense modules, and cannot be "
                + "compared; build both from one folder with the same --pooling and --word-pooling"
        case .noSuchRow(let source, let row, let count):
            "\(source): no row \(row), it has \(count): texts and vectors do not belong together; run `indexer "
                + "verify`, then build this collection again"
        case .damagedOutcomes(let found):
            "stored ranks cannot be read: found \(found); compute the result again with --recompute"
        case .inexactProducts(let source, let row):
            "\(source): row \(row) scored differently in two passes; this is a defect in Polylex, please report it"
        }
    }
}
