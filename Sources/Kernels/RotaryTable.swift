import CKernels
import Foundation

/// Rotary positions (Su et al. 2021, "RoFormer"): the halves of every head's vector are turned by angles that grow with
/// the token's place.
package final class RotaryTable: Sendable {
    // [length, D / 2] each
    private let cosines, sines: FloatBuffer
    private let length: Int
    private let headSize: Int

    /// Angles are computed in float32 as transformers does, so that far places have its rounding.
    package init(base: Double, headSize D: Int, length: Int) {
        precondition(D % 2 == 0, "heads of \(D)")
        self.length = length
        headSize = D
        cosines = FloatBuffer(count: length * D / 2)
        sines = FloatBuffer(count: length * D / 2)
        let frequencies = (0..<D / 2).map { 1 / powf(Float(base), Float(2 * $0) / Float(D)) }
        for place in 0..<length {
            for (i, frequency) in frequencies.enumerated() {
                let angle = Double(Float(place) * frequency)
                cosines.pointer[place * D / 2 + i] = Float(cos(angle))
                sines.pointer[place * D / 2 + i] = Float(sin(angle))
            }
        }
    }

    /// Turns the rows of x [rows, H·D], `stride` floats apart, that stand from `position` on; back for gradients.
    package func rotate(
        _ x: UnsafeMutablePointer<Float>, stride: Int, rows: Int, heads: Int, position: Int, isGradient: Bool = false
    ) {
        precondition(position >= 0 && position + rows <= length)
        let start = position * headSize / 2
        ck_rotate_rows(
            x, stride, rows, heads, headSize, cosines.pointer + start, sines.pointer + start, isGradient ? -1 : 1)
    }
}
