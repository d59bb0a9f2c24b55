/// One combination of a search's grid.
struct SearchCell: Equatable {
    enum Result {
        case scored(TrainingState.Best, vanilla: ValidationScores)
        /// The loss or a gradient ceased to be a number.
        case diverged(String)
    }

    let learningRate: Double
    let batchSize: Int
    let seed: UInt64

    /// Name of its folder: "lr-5e-06-batch-32-seed-0".
    var name: String { "lr-\(learningRate)-batch-\(batchSize)-seed-\(seed)" }
}
