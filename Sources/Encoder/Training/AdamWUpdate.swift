import Kernels

/// One step of AdamW with decoupled decay, as `torch.optim.AdamW` defines it.
package struct AdamWUpdate: Sendable {
    /// 1, 2, …; for the bias corrections.
    package var step: Int
    package var learningRate: Double
    package var beta1 = 0.9
    package var beta2 = 0.999
    package var epsilon = 1e-8
    /// Applied to weights and embeddings, not to biases and layer norms.
    package var weightDecay = 0.0
    /// Gradients are multiplied by this first (mean of accumulated batches, clipping).
    package var gradientScale = 1.0

    package init(
        step: Int, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, gradientScale: Double = 1
    ) {
        self.step = step
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.gradientScale = gradientScale
    }

    /// What a step multiplies a decayed parameter by before anything else.
    var decayFactor: Double { 1 - learningRate * weightDecay }

    func settled(decays: Bool) -> AdamWStep {
        var beta1Power = 1.0, beta2Power = 1.0
        // By multiplication: `pow` may differ in its last bit between C libraries.
        for _ in 0..<min(step, 100_000) {
            beta1Power *= beta1
            beta2Power *= beta2
        }
        return AdamWStep(
            decay: decays ? decayFactor : 1, gradientScale: gradientScale, beta1: beta1, beta2: beta2,
            stepSize: learningRate / (1 - beta1Power), secondCorrection: (1 - beta2Power).squareRoot(), epsilon: epsilon
        )
    }
}
