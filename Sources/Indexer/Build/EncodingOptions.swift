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

    /// All of the options as they would be typed, whether they were or not: a plan keeps these words.
    var words: [String] { ["--layers", layers.text, "--codec", codec.rawValue] }

    /// Whether all of them are what they are when nothing is typed.
    var areUsual: Bool { (try? EncodingOptions.parse([]).words) == words }
}
