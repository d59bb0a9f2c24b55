import ArgumentParser
import Encoder
import Store

/// How texts become stored vectors: what a build is told besides checkpoints and texts, and a plan keeps for its
/// shards.
struct EncodingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Layers to keep: 'all', or numbers and ranges; 0 is the embedding output.", valueName: "all|0,6,8-12"))
    var layers: LayerSelection = .all

    @Option(help: "How vectors are stored: fp16 (exact to 3 digits), fp32, sq8 (1 byte), hnsw (fp32 and a graph).")
    var codec: Codec = .fp16

    @Option(
        help: ArgumentHelp(
            "Vectors of sentences: 'model' as the folder's sentence-transformers files say (without the option, where "
                + "it has modules.json), 'paper' the mean over their own subwords (where it has none), or a pooling "
                + "over all tokens: \(SentenceConvention.Mode.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "model|paper|mean|cls|…"))
    var pooling: SentencePooling?

    @Option(
        help: ArgumentHelp("Vectors of words: 'paper' the mean over their own subwords, 'model' as sentences."))
    var wordPooling: WordPooling = .paper

    @Option(
        help: ArgumentHelp("Text in front of every sentence, instead of the folder's own.", valueName: "text"))
    var prompt: String?

    @Option(
        help: ArgumentHelp("Tokens of a sentence at most, instead of the folder's own number.", valueName: "tokens"))
    var maximumLength: Int?

    func validate() throws {
        if pooling == .paper, let typed = typedOverride {
            throw ValidationError("\(typed) is for other poolings than the paper's.")
        }
        if pooling == .paper, wordPooling == .model {
            throw ValidationError("--word-pooling model makes words' vectors as sentences': leave out --pooling paper.")
        }
        if let maximumLength, maximumLength < 3 { throw ValidationError("--maximum-length must be at least 3.") }
    }

    /// An option that changes a convention and was typed.
    var typedOverride: String? { prompt != nil ? "--prompt" : maximumLength != nil ? "--maximum-length" : nil }

    /// The options as they would be typed: a plan keeps these words.
    var words: [String] {
        var words = ["--layers", layers.text, "--codec", codec.rawValue]
        if let pooling { words += ["--pooling", pooling.text] }
        if wordPooling != .paper { words += ["--word-pooling", wordPooling.rawValue] }
        // A prompt may begin with a dash.
        if let prompt { words.append("--prompt=\(prompt)") }
        if let maximumLength { words += ["--maximum-length", String(maximumLength)] }
        return words
    }

    /// Whether all of them are what they are when nothing is typed.
    var areUsual: Bool { (try? EncodingOptions.parse([]).words) == words }
}
