enum SentencePieceModel {
    static let fileName = "sentencepiece.bpe.model"
}
