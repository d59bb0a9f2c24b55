#if canImport(Glibc)
import Glibc
#endif

/// Subword regularisation: a word's cut drawn from all there are, in proportion to their probabilities to the power of
/// an inverse temperature, by forward filtering and backward sampling.
/// - Source: Kudo 2018; SentencePiece `Lattice::Sample`.
extension UnigramModel {
    /// Kudo's choice for drawing from all cuts (his table 4: 0.2 to 0.5); below 1, so that rare cuts are drawn too.
    static let inverseTemperature = 0.2

    /// A piece at its place in a word.
    private struct Node {
        let start: Int
        let end: Int
        let id: Int32
        let score: Double
    }

    /// A word is cut as always but with the probability of `dropping`, and then sampled.
    func append(
        word: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, _ scratch: inout SegmentationScratch,
        to ids: inout [Int32]
    ) {
        if dropping.drops() {
            appendSample(of: word, inverseTemperature: Self.inverseTemperature, to: &ids) { dropping.fraction() }
        } else {
            append(word: word, lattice: &scratch.lattice, to: &ids)
        }
    }

    /// Appends one cut of a word, drawn.
    /// - Parameter fraction: numbers from 0 up to 1, one for every piece.
    func appendSample(
        of word: UnsafeBufferPointer<UInt8>, inverseTemperature: Double, to ids: inout [Int32], fraction: () -> Double
    ) {
        var nodes: [Node] = []
        forEachPiece(in: word) { start, end, id, score in
            nodes.append(Node(start: start, end: end, id: id, score: inverseTemperature * score))
        }
        // Logarithms of the summed weights of all ways to each byte; nodes stand in the order of their starts.
        var weights = [Double](repeating: -.infinity, count: word.count + 1)
        weights[0] = 0
        for node in nodes {
            weights[node.end] = Self.logarithmOfSum(weights[node.end], weights[node.start] + node.score)
        }
        let first = ids.count
        var end = word.count
        /// Where a run of unknown characters ends that has not been appended yet.
        var unknownEnd: Int?
        func finishUnknown() {
            guard let last = unknownEnd else { return }
            appendUnknown(UnsafeBufferPointer(rebasing: word[end..<last]), reversedTo: &ids)
            unknownEnd = nil
        }
        while end > 0, let node = drawn(nodes, endingAt: end, weights, fraction()) {
            if node.id == unknown {
                if unknownEnd == nil { unknownEnd = end }
            } else {
                finishUnknown()
                ids.append(node.id)
            }
            end = node.start
        }
        finishUnknown()
        ids[first...].reverse()
    }

    private func drawn(_ nodes: [Node], endingAt end: Int, _ weights: [Double], _ fraction: Double) -> Node? {
        var rest = fraction
        var chosen: Node?
        for node in nodes where node.end == end {
            chosen = node
            rest -= exp(weights[node.start] + node.score - weights[end])
            if rest < 0 { break }
        }
        return chosen
    }

    private static func logarithmOfSum(_ a: Double, _ b: Double) -> Double {
        let (low, high) = a < b ? (a, b) : (b, a)
        return low == -.infinity ? high : high + log1p(exp(low - high))
    }
}
