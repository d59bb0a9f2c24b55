import CKernels

/// Scores of stored rows, and counting and choosing among scores.
package enum Scores {
    /// Adds the scores above `gold` to `greater` and those equal to it to `equal`. NaN counts as neither.
    package static func count(
        _ scores: UnsafePointer<Float>, count: Int, gold: Float, greater: UnsafeMutablePointer<UInt32>,
        equal: UnsafeMutablePointer<UInt32>
    ) {
        ck_count_ranks(scores, count, gold, greater, equal)
    }

    /// Keeps the k highest scores seen so far, highest first, equal scores by ascending row: `best` and `rows` hold k
    /// entries, `filled` of them in use; the scores are those of rows firstRow, firstRow + 1, …; calls come in
    /// ascending row order. NaN is never kept.
    /// - Returns: the new `filled`.
    package static func keepTop(
        _ k: Int, of scores: UnsafePointer<Float>, count: Int, firstRow: Int, filled: Int,
        best: UnsafeMutablePointer<Float>, rows: UnsafeMutablePointer<UInt32>
    ) -> Int {
        ck_top_rows(scores, count, UInt32(firstRow), k, filled, best, rows)
    }

    /// The same without rows: the k highest values, which do not depend on the order of the calls.
    package static func keepLargest(
        _ k: Int, of scores: UnsafePointer<Float>, count: Int, filled: Int, best: UnsafeMutablePointer<Float>
    ) -> Int {
        ck_largest(scores, count, k, filled, best)
    }

    /// How the rows of a scan are stored.
    package enum Codes {
        case float32
        case half
        /// One unsigned byte a value; scale and offset of each dimension are folded into the query and `bias`.
        case byte(bias: Float)
    }

    /// scores[r] = codes[r] · query for row-major codes [rows, dimension] at any alignment. Equal rows get equal bits
    /// wherever they stand.
    package static func innerProducts(
        _ codes: UnsafeRawPointer, _ kind: Codes, rows: Int, dimension: Int, query: UnsafePointer<Float>,
        into scores: UnsafeMutablePointer<Float>
    ) {
        switch kind {
        case .float32: ck_inner_products_float(codes, rows, dimension, query, scores)
        case .half: ck_inner_products_half(codes, rows, dimension, query, scores)
        case .byte(let bias): ck_inner_products_byte(codes, rows, dimension, query, bias, scores)
        }
    }
}
