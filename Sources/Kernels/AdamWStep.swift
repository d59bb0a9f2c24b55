import CKernels

/// One step of AdamW with its constants settled: `torch.optim.AdamW`'s arithmetic, decay first.
package struct AdamWStep: Sendable {
    private var constants: ck_adamw

    /// - Parameters:
    ///   - decay: 1 − rate · weight decay; 1 for what does not decay.
    ///   - stepSize: rate / (1 − β₁^step); `secondCorrection`: √(1 − β₂^step).
    package init(
        decay: Double, gradientScale: Double, beta1: Double, beta2: Double, stepSize: Double, secondCorrection: Double,
        epsilon: Double
    ) {
        constants = ck_adamw(
            decay: Float(decay), gradient_scale: Float(gradientScale), one_minus_beta1: Float(1 - beta1),
            beta2: Float(beta2), one_minus_beta2: Float(1 - beta2), step_size: Float(stepSize),
            second_correction: Float(secondCorrection), epsilon: Float(epsilon))
    }

    /// Values and moments [count] after the step with these gradients.
    package func apply(
        _ values: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, firstMoment: UnsafeMutablePointer<Float>,
        secondMoment: UnsafeMutablePointer<Float>, count: Int
    ) {
        withUnsafePointer(to: constants) { ck_adamw($0, values, gradient, firstMoment, secondMoment, count) }
    }
}
