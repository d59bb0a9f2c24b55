/// What attention adds to a score for the distance from query to key, head by head.
package final class RelativeBias: Sendable {
    private let values: FloatBuffer
    /// Tokens of the longest sequence.
    private let length: Int
    /// Floats from one head to the next.
    let stride: Int

    /// - Parameter value: of a head and the key's place less the query's, −(length − 1) … length − 1.
    package init(length: Int, heads: Int, value: (_ head: Int, _ distance: Int) -> Float) {
        self.length = length
        stride = 2 * length - 1
        values = FloatBuffer(count: heads * stride)
        for head in 0..<heads {
            for distance in (1 - length)..<length {
                values.pointer[head * stride + length - 1 + distance] = value(head, distance)
            }
        }
    }

    /// Head 0 at distance 0.
    func center(length T: Int) -> UnsafePointer<Float> {
        precondition(T <= length, "a sequence of \(T) tokens, biases for \(length)")
        return UnsafePointer(values.pointer + length - 1)
    }
}
