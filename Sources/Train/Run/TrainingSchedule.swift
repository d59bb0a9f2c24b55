import ArgumentParser
import Foundation

/// How a run's steps lie over its examples (constraints, or texts of a teacher).
///
/// A batch is `batchSize` examples; an epoch has ceil(examples / batchSize) of them, the last one smaller when
/// they do not divide (torch's `DataLoader`). An optimiser step takes `accumulation` batches, the last of an epoch what
/// is left.
struct StepPlan: Equatable, Sendable {
    let examples: Int
    let batchSize: Int
    let accumulation: Int
    let totalSteps: Int
    let stepsPerEpoch: Int

    init(examples: Int, batchSize: Int, accumulation: Int, epochs: Int, maxSteps: Int?) {
        self.examples = examples
        self.batchSize = batchSize
        self.accumulation = accumulation
        let batches = (examples + batchSize - 1) / batchSize
        stepsPerEpoch = (batches + accumulation - 1) / accumulation
        let (all, overflow) = stepsPerEpoch.multipliedReportingOverflow(by: epochs)
        totalSteps = min(overflow ? Int.max : all, maxSteps ?? Int.max)
    }

    /// The batches of a step (counted from 1): their epoch and ranges of positions in it.
    func batches(step: Int) -> (epoch: Int, ranges: [Range<Int>]) {
        let epoch = (step - 1) / stepsPerEpoch
        let first = ((step - 1) % stepsPerEpoch) * accumulation * batchSize
        let end = min(first + accumulation * batchSize, examples)
        return (epoch, stride(from: first, to: end, by: batchSize).map { $0..<min($0 + batchSize, end) })
    }

    /// Epochs done after a step, with the fraction of the one under way.
    func epochs(after step: Int) -> Double { Double(step) / Double(stepsPerEpoch) }

    /// Whether the run validates after a step: whenever another interval is full, and at the end.
    func validates(after step: Int, every interval: StepInterval) -> Bool {
        if step == totalSteps { return true }
        let length: Double =
            switch interval {
            case .units(let epochs): max(1, epochs * Double(stepsPerEpoch))
            case .steps(let count): Double(count)
            }
        func full(_ step: Int) -> Int { Int((Double(step) / length + 1e-9).rounded(.down)) }
        return full(step) > full(step - 1)
    }

    func validations(every interval: StepInterval, after start: Int = 0) -> Int {
        (start..<totalSteps).lazy.filter { validates(after: $0 + 1, every: interval) }.count
    }
}

/// How often something happens: `0.25` in a unit of the option's own (epochs, minutes), or `200steps`.
enum StepInterval: Equatable, Sendable, ExpressibleByArgument {
    case units(Double)
    case steps(Int)

    init?(argument: String) {
        if argument.hasSuffix("steps") || argument.hasSuffix("step") {
            let digits = argument.prefix { $0.isNumber }
            guard let count = Int(digits), count > 0, ["steps", "step"].contains(argument.dropFirst(digits.count))
            else {
                return nil
            }
            self = .steps(count)
        } else {
            guard let value = Double(argument), value > 0, value.isFinite else { return nil }
            self = .units(value)
        }
    }

    var text: String {
        switch self {
        case .units(let value): "\(value)"
        case .steps(let count): "\(count)steps"
        }
    }

    var defaultValueDescription: String { text }
}

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
