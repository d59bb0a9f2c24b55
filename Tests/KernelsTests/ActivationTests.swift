import Foundation
import Testing

@testable import Kernels

/// Activations and their derivatives against double.
@Suite struct ActivationTests {
    private static func value(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .gelu: x * (1 + erf(x / 2.0.squareRoot())) / 2
        case .geluTanh: x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
        case .silu: x / (1 + exp(-x))
        case .relu: max(x, 0)
        }
    }

    @Test(arguments: [Activation.gelu, .geluTanh, .silu, .relu], [false, true])
    func valuesAndDerivativesEqualDouble(_ activation: Activation, portable: Bool) {
        // Not zero, where ReLU has no derivative; far out, where exponentials end.
        let z = (-3001...3000).map { (Float($0) + 0.25) * 0.004 } + [-1e-3, 1e-3, 30, -30, 200, -200], count = z.count
        let upstream = z.map { cos($0) }
        var values = z, gradients = upstream, again = [Float](repeating: .nan, count: count)
        Arithmetic.withPortable(portable) {
            activation.apply(&values, count: count)
            var out = upstream
            activation.backward(z, gradient: upstream, into: &out, value: &again, count: count)
            gradients = out
        }
        #expect(values == again)
        let h = 1e-5
        for i in z.indices {
            let x = Double(z[i]), expected = Self.value(activation, x)
            #expect(abs(Double(values[i]) - expected) <= 1e-6 * max(1, abs(x)), "\(activation)(\(x))")
            let slope = (Self.value(activation, x + h) - Self.value(activation, x - h)) / (2 * h)
            #expect(abs(Double(gradients[i]) - Double(upstream[i]) * slope) <= 3e-6, "\(activation)'(\(x))")
        }
        var nan: [Float] = [.nan]
        activation.apply(&nan, count: 1)
        #expect(nan[0].isNaN)
    }
}
