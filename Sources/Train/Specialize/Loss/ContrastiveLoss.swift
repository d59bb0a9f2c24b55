import ArgumentParser
import Kernels

#if canImport(Glibc)
import Glibc
#endif

/// The contrastive loss of a batch of vectors with synset labels, and its gradient.
///
/// One n × n matrix of similarities is held, never pairs × negatives. Sums run in double in row order, so equal inputs
/// give equal bits. Not for concurrent use: buffers are kept between calls.
final class ContrastiveLoss {
    /// What one batch gave, besides its gradient.
    struct Outcome: Equatable {
        var loss = 0.0
        /// Ordered pairs (anchor, positive) of the batch.
        var positivePairs = 0
        /// Mean cosine of those pairs; NaN without one.
        var positiveCosine = Double.nan
    }

    let objective: ContrastiveObjective
    /// τ: similarities are cos / τ.
    let temperature: Double
    private let similarities = FloatBuffer()
    private let weights = FloatBuffer()
    private let normalized = FloatBuffer()
    private let product = MatrixProduct()
    private var lengths: [Double] = []

    init(objective: ContrastiveObjective, temperature: Double) {
        precondition(temperature > 0 && temperature.isFinite, "temperature \(temperature)")
        self.objective = objective
        self.temperature = temperature
    }

    /// Loss and gradient of n vectors.
    ///
    /// A batch without a positive pair, or with one synset only (no negatives), has loss 0 and gradient 0.
    /// Deviation: pytorch-metric-learning adds the smallest float to s / (s + Σ_N s) before the logarithm, which caps
    /// a pair's loss at 87.3 and makes its gradient 0 there; here such a pair (it needs τ below 0.023) has its true
    /// loss and gradient.
    /// - Parameters:
    ///   - vectors: [n, C], not normalised; `labels[i]` is the synset of row i.
    ///   - gradients: [n, C], filled with d loss / d vectors.
    /// - Source: paper §3.2, eq. 1; pytorch-metric-learning 2.9.0 `NTXentLoss._compute_loss`,
    ///   `SupConLoss._compute_loss`.
    func evaluate(
        vectors: UnsafePointer<Float>, dimension C: Int, labels: [UInt32], into gradients: UnsafeMutablePointer<Float>
    ) -> Outcome {
        let n = labels.count
        gradients.update(repeating: 0, count: n * C)
        var outcome = positives(labels)
        guard outcome.positivePairs > 0, labels.contains(where: { $0 != labels[0] }) else {
            if outcome.positivePairs > 0 {
                normalize(vectors, n, C)
                product.multiply(
                    normalized.pointer, normalized.pointer, rows: n, columns: n, depth: C, into: similarities)
                outcome.positiveCosine = meanPositiveCosine(labels, pairs: outcome.positivePairs)
            }
            return outcome
        }
        normalize(vectors, n, C)
        product.multiply(normalized.pointer, normalized.pointer, rows: n, columns: n, depth: C, into: similarities)
        outcome.positiveCosine = meanPositiveCosine(labels, pairs: outcome.positivePairs)
        weights.reserve(n * n)
        weights.pointer.update(repeating: 0, count: n * n)
        switch objective {
        case .ntxent: outcome.loss = noiseContrastive(labels, pairs: outcome.positivePairs)
        case .supcon: outcome.loss = supervisedContrastive(labels)
        }
        backward(n, C, into: gradients)
        return outcome
    }

    private func positives(_ labels: [UInt32]) -> Outcome {
        var counts: [UInt32: Int] = [:]
        for label in labels { counts[label, default: 0] += 1 }
        // A sum of integers: the order of a dictionary does not show.
        return Outcome(positivePairs: counts.values.reduce(0) { $0 + $1 * ($1 - 1) })
    }

    /// Rows scaled to length 1; a row shorter than 1e-12 is divided by that, as `torch.nn.functional.normalize` does.
    private func normalize(_ vectors: UnsafePointer<Float>, _ n: Int, _ C: Int) {
        normalized.reserve(n * C)
        lengths = (0..<n).map { row in
            let vector = vectors + row * C
            let length = Vectors.dot(vector, vector, count: C).squareRoot()
            let scale = 1 / max(length, Self.shortest)
            let output = normalized.pointer + row * C
            for c in 0..<C { output[c] = Float(Double(vector[c]) * scale) }
            return length
        }
    }

    private static let shortest = 1e-12

    private func meanPositiveCosine(_ labels: [UInt32], pairs: Int) -> Double {
        let n = labels.count
        var sum = 0.0
        for i in 0..<n {
            let row = similarities.pointer + i * n
            for j in 0..<n where labels[j] == labels[i] && j != i { sum += Double(row[j]) }
        }
        return sum / Double(pairs)
    }

    /// Fills `weights` with d loss / d (cos / τ) for every ordered pair.
    /// - Returns: mean over pairs (i, p) of log(1 + exp(N_i - s_ip)), N_i the log-sum-exp of the anchor's negatives.
    private func noiseContrastive(_ labels: [UInt32], pairs: Int) -> Double {
        let n = labels.count
        let scale = 1 / temperature, share = 1 / Double(pairs)
        var total = 0.0
        for i in 0..<n {
            let row = similarities.pointer + i * n, weight = weights.pointer + i * n
            let label = labels[i]
            var largest = -Float.infinity
            var hasPositive = false
            for k in 0..<n {
                if labels[k] != label { largest = max(largest, row[k]) } else if k != i { hasPositive = true }
            }
            guard hasPositive else { continue }
            exponentials(row, n, largest: largest, into: weight)
            var sum = 0.0
            for k in 0..<n {
                if labels[k] == label { weight[k] = 0 } else { sum += Double(weight[k]) }
            }
            let negatives = Double(largest) * scale + log(sum)
            var pull = 0.0
            for p in 0..<n where labels[p] == label && p != i {
                let difference = negatives - Double(row[p]) * scale
                total += max(difference, 0) + log1p(exp(-difference.magnitude))
                // sigmoid(difference), without overflow on either side
                let push = difference > 0 ? 1 / (1 + exp(-difference)) : exp(difference) / (1 + exp(difference))
                weight[p] = Float(-push * share)
                pull += push
            }
            let factor = Float(pull * share / sum)
            for k in 0..<n where labels[k] != label { weight[k] *= factor }
        }
        return total * share
    }

    /// Fills `weights` as above.
    /// - Returns: mean, over the anchors whose loss is above zero in float32, of the anchor's mean of D_i - s_ip over
    ///   its positives, D_i the log-sum-exp over all others.
    private func supervisedContrastive(_ labels: [UInt32]) -> Double {
        let n = labels.count
        let scale = 1 / temperature
        var total = 0.0
        var counted: [Int] = []
        for i in 0..<n {
            let row = similarities.pointer + i * n, weight = weights.pointer + i * n
            var largest = -Float.infinity
            for k in 0..<n where k != i { largest = max(largest, row[k]) }
            exponentials(row, n, largest: largest, into: weight)
            weight[i] = 0
            var sum = 0.0, positives = 0
            for k in 0..<n {
                sum += Double(weight[k])
                if k != i && labels[k] == labels[i] { positives += 1 }
            }
            let all = Double(largest) * scale + log(sum)
            var loss = 0.0, rounded: Float = 0
            // The library measures from the largest of the row, the anchor's own similarity among them, in float32.
            let origin = Double(max(largest, row[i])) * scale
            for p in 0..<n where labels[p] == labels[i] && p != i {
                loss += all - Double(row[p]) * scale
                rounded += Float(all - origin) - Float(Double(row[p]) * scale - origin)
            }
            guard positives > 0, rounded > 0 else {
                weight.update(repeating: 0, count: n)
                continue
            }
            counted.append(i)
            total += loss / Double(positives)
            let factor = Float(1 / sum), part = Float(1 / Double(positives))
            for k in 0..<n {
                weight[k] *= factor
                if k != i && labels[k] == labels[i] { weight[k] -= part }
            }
        }
        guard !counted.isEmpty else { return 0 }
        let share = Float(1 / Double(counted.count))
        for i in counted {
            let weight = weights.pointer + i * n
            for k in 0..<n { weight[k] *= share }
        }
        return total / Double(counted.count)
    }

    /// output[k] = exp((row[k] - largest) / τ); positions above `largest` (positives) are held at 1 and not used.
    private func exponentials(
        _ row: UnsafePointer<Float>, _ n: Int, largest: Float, into output: UnsafeMutablePointer<Float>
    ) {
        let scale = Float(1 / temperature)
        for k in 0..<n { output[k] = min((row[k] - largest) * scale, 0) }
        Vectors.exponential(output, count: n)
    }

    /// From d loss / d similarity to d loss / d vector, through the product and the normalisation.
    private func backward(_ n: Int, _ C: Int, into gradients: UnsafeMutablePointer<Float>) {
        // Row i meets every other row both as an anchor and as another's pair.
        let scale = Float(1 / temperature)
        for i in 0..<n {
            for j in i..<n {
                let sum = (weights.pointer[i * n + j] + weights.pointer[j * n + i]) * scale
                weights.pointer[i * n + j] = sum
                weights.pointer[j * n + i] = sum
            }
        }
        let transposed = similarities
        transposed.reserve(n * C)
        for i in 0..<n {
            for c in 0..<C { transposed.pointer[c * n + i] = normalized.pointer[i * C + c] }
        }
        product.multiply(weights.pointer, transposed.pointer, rows: n, columns: C, depth: n, into: gradients)
        for i in 0..<n {
            let unit = normalized.pointer + i * C, gradient = gradients + i * C
            guard lengths[i] > Self.shortest else {
                for c in 0..<C { gradient[c] = Float(Double(gradient[c]) / Self.shortest) }
                continue
            }
            let along = Vectors.dot(gradient, unit, count: C)
            let inverse = 1 / lengths[i]
            for c in 0..<C { gradient[c] = Float((Double(gradient[c]) - along * Double(unit[c])) * inverse) }
        }
    }
}

/// `--loss`: what is asked of the vectors of a batch.
enum ContrastiveObjective: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// The paper's InfoNCE (§3.2): the mean over ordered same-synset pairs, each denominator holding its own positive
    /// and the anchor's negatives. pytorch-metric-learning's `NTXentLoss` with cosine similarity.
    case ntxent
    /// Supervised contrastive loss: denominators hold positives too, the mean is taken per anchor and then over anchors
    /// whose loss is above zero. pytorch-metric-learning's `SupConLoss` with its `AvgNonZeroReducer`.
    case supcon
}

/// A · Bᵀ by the encoder's kernel, on the calling thread.
final class MatrixProduct {
    private let packed = PackedMatrix()
    private let scratch = PackedMatrix.makeScratch()

    /// output[M, N] = a[M, K] · b[N, K]ᵀ
    func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows M: Int, columns N: Int, depth K: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        packed.reshape(columns: N, depth: K)
        packed.pack(transposed: b)
        packed.multiply(a, rows: M, into: output, scratch: scratch)
    }

    func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows M: Int, columns N: Int, depth K: Int,
        into output: FloatBuffer
    ) {
        output.reserve(M * N)
        multiply(a, b, rows: M, columns: N, depth: K, into: output.pointer)
    }
}
