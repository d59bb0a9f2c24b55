/// A light-to-dark scale whose lightness falls evenly: ColorBrewer's YlGnBu, which also reads in grey and for the
/// colour-blind.
enum SequentialColor {
    /// Red, green, blue at equal steps.
    private static let anchors: [(Double, Double, Double)] = [
        (0xff, 0xff, 0xd9), (0xed, 0xf8, 0xb1), (0xc7, 0xe9, 0xb4), (0x7f, 0xcd, 0xbb), (0x41, 0xb6, 0xc4),
        (0x1d, 0x91, 0xc0), (0x22, 0x5e, 0xa8), (0x25, 0x34, 0x94), (0x08, 0x1d, 0x58),
    ]

    /// - Parameter fraction: 0 is light, 1 is dark; what lies outside is taken as the nearer end.
    static func hexadecimal(_ fraction: Double) -> String {
        let place = min(max(fraction, 0), 1) * Double(anchors.count - 1)
        let below = min(Int(place), anchors.count - 2)
        let (low, high, share) = (anchors[below], anchors[below + 1], place - Double(below))
        return "#"
            + [(low.0, high.0), (low.1, high.1), (low.2, high.2)].map { start, end in
                let value = Int((start + (end - start) * share).rounded())
                return (value < 16 ? "0" : "") + String(value, radix: 16)
            }.joined()
    }

    /// Whether white text reads better on it than black.
    static func isDark(_ fraction: Double) -> Bool { fraction > 0.55 }
}
