import Foundation

@testable import Encoder

/// A BERT forward pass in double, written plainly: the yardstick of finite differences.
struct DoubleReference {
    let configuration: TransformerConfiguration
    var parameters: [String: [Double]]

    /// Σ functional · vectors for the batch, vectors [B, C] as TrainableTransformer.forward gives them.
    func loss(_ batch: [TokenSequence], _ functional: [Float]) -> Double {
        let C = configuration.hiddenSize
        return batch.enumerated().reduce(0) { total, item in
            let (index, sequence) = item
            let states = hidden(sequence)
            return total
                + sequence.pooled.reduce(0) { sum, t in
                    sum + (0..<C).reduce(0) { $0 + states[t][$1] * Double(functional[index * C + $1]) }
                        / Double(sequence.pooled.count)
                }
        }
    }

    private func hidden(_ sequence: TokenSequence) -> [[Double]] {
        let C = configuration.hiddenSize
        func row(_ name: String, _ index: Int) -> [Double] { Array(parameters[name]![index * C..<(index + 1) * C]) }
        var x = sequence.ids.enumerated().map { t, id in
            let type = t >= sequence.secondSegmentStart ? min(1, configuration.tokenTypeCount - 1) : 0
            let word = row(configuration.names.wordEmbeddings, Int(id)),
                kind = row(configuration.names.tokenTypeEmbeddings!, type)
            let place = row(configuration.names.positionEmbeddings!, configuration.firstPosition + t)
            return norm((0..<C).map { word[$0] + kind[$0] + place[$0] }, configuration.names.embeddingNorm)
        }
        for layer in 0..<configuration.layerCount { x = block(x, layer) }
        return x
    }

    private func block(_ x: [[Double]], _ layer: Int) -> [[Double]] {
        func name(_ part: String) -> String { configuration.names.block(layer, part) }
        let H = configuration.headCount, D = configuration.hiddenSize / H
        let q = x.map { linear($0, name("attention.self.query")) }, k = x.map { linear($0, name("attention.self.key")) }
        let v = x.map { linear($0, name("attention.self.value")) }
        return x.indices.map { i in
            var context: [Double] = []
            for h in 0..<H {
                let range = h * D..<(h + 1) * D
                let weights = k.map { key in exp(range.reduce(0) { $0 + q[i][$1] * key[$1] } / Double(D).squareRoot()) }
                let sum = weights.reduce(0, +)
                for d in range { context.append(zip(weights, v).reduce(0) { $0 + $1.0 / sum * $1.1[d] }) }
            }
            let attended = norm(
                add(linear(context, name("attention.output.dense")), x[i]), name("attention.output.LayerNorm"))
            let wide = linear(attended, name("intermediate.dense")).map { $0 * (1 + erf($0 / 2.0.squareRoot())) / 2 }
            return norm(add(linear(wide, name("output.dense")), attended), name("output.LayerNorm"))
        }
    }

    private func add(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(+) }

    private func linear(_ x: [Double], _ name: String) -> [Double] {
        let weight = parameters[name + ".weight"]!, bias = parameters[name + ".bias"]!
        return bias.indices.map { n in x.indices.reduce(bias[n]) { $0 + weight[n * x.count + $1] * x[$1] } }
    }

    private func norm(_ x: [Double], _ name: String) -> [Double] {
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        let scale = 1 / (variance + Double(configuration.layerNormEpsilon)).squareRoot()
        let gain = parameters[name + ".weight"]!, offset = parameters[name + ".bias"]!
        return x.indices.map { (x[$0] - mean) * scale * gain[$0] + offset[$0] }
    }
}
