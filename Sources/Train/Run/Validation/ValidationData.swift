import Encoder
import Evaluation
import Fingerprinting
import Kernels
import Lexicon

/// A bilingual dictionary named on the command line, `en-it=FILE` or a file whose name tells its languages.
struct ValidationDictionary: Sendable {
    let dictionary: BilingualDictionary
    let sourceLanguage: String
    let targetLanguage: String

    var pair: String { dictionary.name }

    /// - Parameter isStrict: whether a row that is not two words is an error instead of being left out and counted.
    /// - Throws: `SpecializeError.badOption`, `LexiconError`, `SystemFault`.
    init(argument: String, isStrict: Bool = false) throws {
        let (pair, path) = DictionaryFolder.named(argument)
        if let pair {
            dictionary = try DictionaryReader.read(
                path: path, sourceLanguage: pair.0, targetLanguage: pair.1, isStrict: isStrict)
        } else if DictionaryFolder.file(path) != nil {
            dictionary = try DictionaryReader.read(path: path, isStrict: isStrict)
        } else {
            throw SpecializeError.badOption(
                option: "--validation", expected: "<source>-<target>=<file>, such as en-it=en-it.train.tsv",
                found: argument)
        }
        sourceLanguage = LanguageCode.canonical(dictionary.sourceLanguage)
        targetLanguage = LanguageCode.canonical(dictionary.targetLanguage)
    }
}

extension ValidationDictionary {
    /// Those of `--validation`.
    /// - Throws: as `init`; `SpecializeError.repeatedValidation`.
    static func all(_ settings: TrainingSettings) throws -> [ValidationDictionary] {
        let dictionaries = try settings.validation.map {
            try ValidationDictionary(argument: $0, isStrict: settings.strict)
        }
        for (index, entry) in dictionaries.enumerated()
        where dictionaries[..<index].contains(where: { $0.pair == entry.pair }) {
            throw SpecializeError.repeatedValidation(pair: entry.pair)
        }
        return dictionaries
    }
}

/// The words of a language that have a vector, in frequency order: candidates of a validation pair, or its queries.
struct ValidationVocabulary: Sendable {
    let language: String
    /// Finds a word's row.
    let index: TextIndex
    /// Row → token sequence; words that tokenise alike share one.
    let sequenceOfRow: [UInt32]
    let sequences: SequencePack
    /// Words without a vector.
    let leftOut: Int
    let fingerprint: Fingerprint

    init(_ vocabulary: Vocabulary, tokenizer: any Tokenizer, maximumLength: Int) {
        self.init(
            language: vocabulary.language, words: vocabulary.words, fingerprint: vocabulary.fingerprint,
            tokenizer: tokenizer, maximumLength: maximumLength)
    }

    /// - Parameter words: distinct.
    init(
        language: String, words: TextTable, fingerprint: Fingerprint, tokenizer: any Tokenizer, maximumLength: Int
    ) {
        self.language = language
        self.fingerprint = fingerprint
        var sequences = SequencePack(), known: [TokenSequence: UInt32] = [:]
        var index = TextIndex(), rows: [UInt32] = [], leftOut = 0
        for row in 0..<words.count {
            let outcome = words.withBytes(at: row) {
                SequenceBuilder.single(tokenizer, utf8: $0, maximumLength: maximumLength)
            }
            guard case .sequence(let sequence, _) = outcome else {
                leftOut += 1
                continue
            }
            words.withBytes(at: row) { _ = index.insert($0) }
            if let number = known[sequence] {
                rows.append(number)
            } else {
                let number = UInt32(sequences.count)
                known[sequence] = number
                sequences.append(sequence)
                rows.append(number)
            }
        }
        self.index = index
        self.sequences = sequences
        self.leftOut = leftOut
        sequenceOfRow = rows
    }

    /// The row of a dictionary's word, as written or else lower-cased.
    func row(of word: UnsafeBufferPointer<UInt8>) -> Int? { VocabularyMatch.row(of: word) { index.row(of: $0) } }
}

/// A vocabulary's vectors under a model's present weights: one per distinct token sequence, a row for each word.
final class EncodedVocabulary: VectorRows, @unchecked Sendable {
    let name: String
    let rowCount: Int
    let dimension: Int
    private let sequenceOfRow: [UInt32]
    /// [distinct sequences, C]; written by `ParallelEncoder.encode` before anybody reads, never after.
    private let storage: FloatBuffer
    var vectors: UnsafeMutablePointer<Float> { storage.pointer }

    init(_ vocabulary: ValidationVocabulary, dimension: Int) {
        name = "words of '\(vocabulary.language)'"
        rowCount = vocabulary.sequenceOfRow.count
        self.dimension = dimension
        sequenceOfRow = vocabulary.sequenceOfRow
        storage = FloatBuffer(count: vocabulary.sequences.count * dimension)
    }

    func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        for (i, row) in rows.enumerated() { copy(row, to: output + i * dimension) }
    }

    func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) {
        for (i, row) in rows.enumerated() { copy(row, to: output + i * dimension) }
    }

    private func copy(_ row: Int, to output: UnsafeMutablePointer<Float>) {
        output.update(from: vectors + Int(sequenceOfRow[row]) * dimension, count: dimension)
    }
}
