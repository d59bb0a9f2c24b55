import Encoder
import Fingerprinting
import Store

/// A checkpoint as the job sees it: what it is now, and how to get its tokenizer and engine when there is work.
struct EncodingModel {
    let record: CheckpointRecord
    let maximumLength: Int
    /// How texts become vectors.
    var pooling = PoolingConventions.papers
    /// What is to be said of the checkpoint, if anything.
    var remark: String?
    let makeTokenizer: () throws -> any Tokenizer
    /// - Parameters:
    ///   - highestLayer: blocks above it are never computed.
    ///   - dense: what sequences that ask for it go through.
    let makeEngine: (_ highestLayer: Int, _ dense: DenseModules?) throws -> any EncodingEngine

    /// Values of a text's vector: as many as its Dense modules put out, else the hidden size.
    func dimension(of kind: CollectionInput.Kind) -> Int {
        pooling.convention(kind)?.dense?.outputSize ?? record.hiddenSize
    }
}

extension EncodingModel {
    /// Opens a checkpoint folder: reads its configuration and fingerprints its files; weights are not packed yet.
    /// - Throws: `CheckpointError`, `SystemFault`.
    /// - Parameters:
    ///   - options: of the build: what is asked of vectors.
    ///   - kinds: of the texts there are.
    init(name: String, folder: String, options: EncodingOptions, kinds: Set<CollectionInput.Kind>) throws {
        let checkpoint = try Checkpoint(folder: folder)
        let configuration = checkpoint.configuration
        record = CheckpointRecord(
            name: name, fingerprint: checkpoint.fingerprint, source: AbsolutePath.of(folder),
            architecture: configuration.architecture.name, hiddenSize: configuration.hiddenSize,
            layerCount: configuration.layerCount, vocabularySize: configuration.vocabularySize,
            training: try checkpoint.training())
        maximumLength = configuration.maximumLength
        pooling = try PoolingConventions(
            options, folder: checkpoint.sourceFolder, longest: maximumLength, hiddenSize: configuration.hiddenSize,
            kinds: kinds)
        remark = checkpoint.remark
        makeTokenizer = { try checkpoint.tokenizer() }
        makeEngine = { try checkpoint.engine(highestLayer: $0, dense: $1) }
    }
}
