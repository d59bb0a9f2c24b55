import ArgumentParser
import Kernels

/// `--loss` of 'train distill'.
enum DistillationObjective: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Mean over texts of 1 − cos(student, teacher): directions alone.
    case cosine
    /// Mean over texts and dimensions of (student − teacher)², the teacher's vector scaled to length 1.
    case mse
}

/// How far a batch of a student's vectors is from its teacher's, and the gradient.
///
/// Sums run in double in row order, so equal inputs give equal bits.
struct DistillationLoss {
    let objective: DistillationObjective
    /// As `torch.nn.functional.cosine_similarity`: a shorter vector is divided by this.
    private static let shortest = 1e-8

    /// - Parameters:
    ///   - vectors: [n, C] of the student, not normalised.
    ///   - targets: [n, C] of the teacher, of length 1.
    ///   - gradients: [n, C], filled with d loss / d vectors.
    /// - Source: torch 2 `CosineEmbeddingLoss` with target 1; `MSELoss`, which sentence-transformers 5's `MSELoss`
    ///   distils with.
    func evaluate(
        vectors: UnsafePointer<Float>, targets: UnsafePointer<Float>, count n: Int, dimension C: Int,
        into gradients: UnsafeMutablePointer<Float>
    ) -> BatchOutcome {
        var loss = 0.0, cosines = 0.0
        for row in 0..<n {
            let s = vectors + row * C, t = targets + row * C, gradient = gradients + row * C
            let length = max(Vectors.dot(s, s, count: C).squareRoot(), Self.shortest)
            let cosine = Vectors.dot(s, t, count: C) / length
            cosines += cosine
            switch objective {
            case .cosine:
                loss += 1 - cosine
                // d cos / d s = (t − cos · s / |s|) / |s|
                let scale = -1 / (length * Double(n)), pull = cosine / length
                for c in 0..<C { gradient[c] = Float(scale * (Double(t[c]) - pull * Double(s[c]))) }
            case .mse:
                let scale = 2 / Double(n * C)
                var squares = 0.0
                for c in 0..<C {
                    let difference = Double(s[c]) - Double(t[c])
                    squares += difference * difference
                    gradient[c] = Float(scale * difference)
                }
                loss += squares / Double(C)
            }
        }
        let count = Double(max(n, 1))
        return BatchOutcome(loss: loss / count, comparisons: n, cosine: n > 0 ? cosines / count : .nan)
    }
}
