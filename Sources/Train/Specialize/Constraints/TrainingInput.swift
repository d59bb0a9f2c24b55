import ArgumentParser

/// `--input`: what stands for a word.
enum TrainingInput: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// `[CLS] word [SEP]`: the word as a type.
    case word
    /// `[CLS] word [SEP] gloss [SEP]`: the word in one sense; only the word's subwords are averaged.
    case wordGloss = "word-gloss"
}
