/// The files by which sentence-transformers takes a folder for a model with mean pooling.
enum SentenceTransformersFiles {
    /// Name → contents.
    static func all(dimension: Int, maximumLength: Int) -> [(name: String, text: String)] {
        [
            (
                "modules.json",
                """
                [
                  {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                  {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}
                ]

                """
            ),
            (
                "sentence_bert_config.json",
                """
                {"max_seq_length": \(maximumLength), "do_lower_case": false}

                """
            ),
            (
                "1_Pooling/config.json",
                """
                {
                  "word_embedding_dimension": \(dimension),
                  "pooling_mode_cls_token": false,
                  "pooling_mode_mean_tokens": true,
                  "pooling_mode_max_tokens": false,
                  "pooling_mode_mean_sqrt_len_tokens": false
                }

                """
            ),
        ]
    }
}
