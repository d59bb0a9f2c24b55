import ArgumentParser
import Foundation

/// The learning rate of every optimiser step.
struct LearningRateSchedule: Equatable, Sendable {
    /// `--schedule`: what follows the warm-up.
    enum Shape: String, ExpressibleByArgument, CaseIterable, Sendable { case constant, linear, cosine }

    var peak: Double
    var shape: Shape
    /// Steps until the peak is reached; the first of them has rate 0, as in `transformers`.
    var warmupSteps: Int
    var totalSteps: Int

    /// The rate of a step, counted from 1.
    /// - Source: transformers `get_constant_schedule_with_warmup`, `get_linear_schedule_with_warmup`,
    ///   `get_cosine_schedule_with_warmup` (half a cosine), whose step k is our k + 1.
    func rate(step: Int) -> Double {
        let k = step - 1
        if k < warmupSteps { return peak * Double(k) / Double(max(1, warmupSteps)) }
        let progress = Double(k - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
        switch shape {
        case .constant: return peak
        case .linear: return peak * max(0, 1 - progress)
        case .cosine: return peak * max(0, 0.5 * (1 + cos(.pi * progress)))
        }
    }
}
