/// F1, precision and recall of sentence retrieval as MTEB reports them for bitext mining: the true candidate's row is a
/// query's class, the row that was retrieved the prediction, and classes are averaged by how often they are the truth.
/// - Source: mteb 2, `AbsTaskBitextMining._compute_metrics`, which calls
///   `sklearn.metrics.*_score(labels, predictions, zero_division=0, average="weighted")`.
package struct RetrievalMeasures: Hashable, Sendable {
    package let precision: Double
    /// Equal to the accuracy.
    package let recall: Double
    package let f1: Double

    /// - Parameters:
    ///   - retrieved: the candidate row found for every query.
    ///   - gold: its true row; several queries may share one.
    package init(retrieved: [Int], gold: [Int]) {
        precondition(retrieved.count == gold.count)
        var predicted: [Int: Int] = [:]
        var truths: [Int: Int] = [:]
        var correct: [Int: Int] = [:]
        for (found, truth) in zip(retrieved, gold) {
            predicted[found, default: 0] += 1
            truths[truth, default: 0] += 1
            if found == truth { correct[truth, default: 0] += 1 }
        }
        var (precision, recall, f1) = (0.0, 0.0, 0.0)
        // Ascending, so that sums have the same bits in every run.
        for truth in truths.keys.sorted() {
            let support = Double(truths[truth] ?? 0)
            let right = Double(correct[truth] ?? 0)
            guard right > 0 else { continue }
            let own = right / Double(predicted[truth] ?? 1)
            precision += own * support
            recall += right
            f1 += 2 * own * (right / support) / (own + right / support) * support
        }
        let count = Double(max(gold.count, 1))
        (self.precision, self.recall, self.f1) = (precision / count, recall / count, f1 / count)
    }
}
