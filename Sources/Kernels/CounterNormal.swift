import CKernels
import Foundation

/// Standard normal numbers from Philox4x32-10 by Box and Muller's method; a function of seed, stream and position.
package struct CounterNormal {
    private let seed: UInt64
    private let stream: UInt32
    private var position: UInt32 = 0
    private var spare: Float?

    package init(seed: UInt64, stream: UInt32) {
        self.seed = seed
        self.stream = stream
    }

    package mutating func next() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        let key = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
        var words = [UInt32](repeating: 0, count: 4)
        ck_philox(key, [position, stream, 0, 0], &words)
        position += 1
        // (0, 1], so that the logarithm is finite.
        let u = (Double(words[0]) + 1) / 4_294_967_296, angle = 2 * Double.pi * Double(words[1]) / 4_294_967_296
        let radius = (-2 * log(u)).squareRoot()
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }
}
