import Encoder

/// What validation needs of a model: last-layer vectors of words.
protocol WordVectorSource: AnyObject {
    /// C
    var dimension: Int { get }
    /// [batch.count, C], not normalised.
    func encode(_ batch: [TokenSequence], into vectors: UnsafeMutablePointer<Float>)
}

extension TrainableTransformer: WordVectorSource {
    var dimension: Int { configuration.hiddenSize }
}
