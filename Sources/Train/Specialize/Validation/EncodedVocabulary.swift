import Evaluation
import Kernels

/// A vocabulary's vectors under a model's present weights: one per distinct token sequence, a row for each word.
final class EncodedVocabulary: VectorRows, @unchecked Sendable {
    let name: String
    let rowCount: Int
    let dimension: Int
    private let sequenceOfRow: [UInt32]
    /// [distinct sequences, C]; written by `ParallelEncoder.encode` before anybody reads, never after.
    private let storage: FloatBuffer
    var vectors: UnsafeMutablePointer<Float> { storage.pointer }

    init(_ vocabulary: ValidationVocabulary, dimension: Int) {
        name = "words of '\(vocabulary.language)'"
        rowCount = vocabulary.sequenceOfRow.count
        self.dimension = dimension
        sequenceOfRow = vocabulary.sequenceOfRow
        storage = FloatBuffer(count: vocabulary.sequences.count * dimension)
    }

    func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        for (i, row) in rows.enumerated() { copy(row, to: output + i * dimension) }
    }

    func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) {
        for (i, row) in rows.enumerated() { copy(row, to: output + i * dimension) }
    }

    private func copy(_ row: Int, to output: UnsafeMutablePointer<Float>) {
        output.update(from: vectors + Int(sequenceOfRow[row]) * dimension, count: dimension)
    }
}
