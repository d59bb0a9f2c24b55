import Encoder
import Files

/// The files by which sentence-transformers takes a written checkpoint for a model that gives Polylex's word vectors:
/// the mean of a text's own tokens at the last layer, special tokens left out.
///
/// Its `Pooling` averages over the attention mask and has no option for special tokens, so a `WordWeights` module
/// stands before it, which gives the tokens around a text the weight 0 and all others 1; `Pooling` then divides by the
/// sum of the weights.
/// - Source: sentence-transformers 6.2, `modules/word_weights.py`, `modules/pooling.py`, `base/modules/transformer.py`.
struct SentenceTransformersFiles {
    /// Width of a vector.
    let dimension: Int
    /// Tokens of a sequence, special ones included.
    let maximumLength: Int
    /// Rows of the word embeddings: a weight for each.
    let vocabularySize: Int
    /// Ids of the tokens that stand around a text.
    let specialIds: Set<Int32>
    /// Whether the model's class has to be told that there is no pooler: otherwise it draws a random one, with a
    /// warning.
    let lacksPooler: Bool

    /// - Parameter lacksPooler: whether the checkpoint that is written has none and its class would look for one.
    init(_ configuration: TransformerConfiguration, _ tokens: SpecialTokens, lacksPooler: Bool) {
        dimension = configuration.hiddenSize
        maximumLength = configuration.maximumLength
        vocabularySize = configuration.vocabularySize
        specialIds = Set(tokens.template.before + tokens.template.after)
        self.lacksPooler = lacksPooler
    }

    /// Name → contents.
    var all: [(name: String, text: String)] {
        var files = [
            ("modules.json", modules), ("sentence_bert_config.json", transformer),
            // The folder's name is what other readers of these models look for.
            ("1_Pooling/config.json", Self.pooling(dimension)),
        ]
        if !specialIds.isEmpty { files.append(("1_WordWeights/config.json", weights)) }
        return files
    }

    private var modules: String {
        var kinds = [("", "Transformer"), ("1_Pooling", "Pooling")]
        if !specialIds.isEmpty { kinds.insert(("1_WordWeights", "WordWeights"), at: 1) }
        let rows = kinds.enumerated().map { index, kind in
            "  {\"idx\": \(index), \"name\": \"\(index)\", \"path\": \"\(kind.0)\", "
                + "\"type\": \"sentence_transformers.models.\(kind.1)\"}"
        }
        return "[\n" + rows.joined(separator: ",\n") + "\n]\n"
    }

    private var transformer: String {
        let arguments = lacksPooler ? ", \"model_args\": {\"add_pooling_layer\": false}" : ""
        return "{\"max_seq_length\": \(maximumLength), \"do_lower_case\": false\(arguments)}\n"
    }

    private static func pooling(_ dimension: Int) -> String {
        """
        {
          "word_embedding_dimension": \(dimension),
          "pooling_mode_cls_token": false,
          "pooling_mode_mean_tokens": true,
          "pooling_mode_max_tokens": false,
          "pooling_mode_mean_sqrt_len_tokens": false
        }

        """
    }

    /// The module looks weights up by a piece's text, also by its lower-cased text; names that are no pieces keep
    /// "[cls]" and "[CLS]" apart.
    private var weights: String {
        let special = "\"special\"", other = "\"\""
        let vocabulary = (0..<vocabularySize).map { specialIds.contains(Int32($0)) ? special : other }
        return "{\"vocab\": [" + vocabulary.joined(separator: ",")
            + "], \"word_weights\": {\(special): 0.0}, \"unknown_word_weight\": 1.0}\n"
    }
}
