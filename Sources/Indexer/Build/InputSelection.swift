import ArgumentParser
import Glibc
import Lexicon
import Parallelism

/// Which texts a build reads.
struct InputSelection: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of vocabularies: fi.txt, fi_50k.txt, wiki.fi.vec, cc.fi.300.vec and the like, also packed.",
            valueName: "folder"), completion: .directory)
    var vocabularies: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Vocabularies by language.", valueName: "fi=file"))
    var vocabulary: [NamedPath] = []

    @Option(
        help: ArgumentHelp(
            "Folder of parallel sentences: tatoeba.fra-eng.fra beside tatoeba.fra-eng.eng, fra-eng.tsv, also packed.",
            valueName: "folder"), completion: .directory)
    var sentences: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Parallel sentences by language pair: one file of two columns, or two files with a comma between.",
            valueName: "fra-eng=file[,file]"))
    var sentencePair: [NamedPath] = []

    @Option(help: "Entries taken from the start of every vocabulary.")
    var top = InputSelection.usualTop
    static let usualTop = 100_000

    @Flag(
        help: ArgumentHelp(
            "Leave out lines that cannot be read (no UTF-8, cut off) instead of stopping, of sentences with their "
                + "translations and blank ones, too; they are counted."))
    var skipBadLines = false

    /// Whether no texts are named at all.
    var isEmpty: Bool { vocabularies == nil && vocabulary.isEmpty && sentences == nil && sentencePair.isEmpty }

    /// For commands that cannot do without.
    func requireTexts() throws {
        if isEmpty {
            throw ValidationError(
                "Nothing to encode: give --vocabularies, --vocabulary, --sentences or --sentence-pair.")
        }
    }

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be at least 1.") }
        for pair in sentencePair where Self.languages(pair.name) == nil {
            throw ValidationError("--sentence-pair: '\(pair.name)' is no pair of languages like fra-eng.")
        }
    }

    /// Vocabularies in order of language, then sentence sets in order of name.
    /// - Throws: `LexiconError`, `SystemFault`, `IndexerError` when something is given twice.
    func sources() throws -> [InputSource] {
        try vocabularyFiles().map { InputSource(vocabulary: $0.path, language: $0.language) }
            + sentenceFiles().map { InputSource($0) }
    }

    /// The texts of all sources, in their order; several are read at a time.
    /// - Parameter willRead: told each file before it is read, on any thread.
    /// - Throws: as `sources` and `InputSource.read`; of several errors the first source's.
    func read(threads: Int, willRead: (String) -> Void) throws -> [CollectionInput] {
        let sources = try sources()
        return try Parallel.map(sources.count, threads: threads) { place in
            willRead(sources[place].files[0])
            return try sources[place].read(top: top, skippingBadLines: skipBadLines)
        }.flatMap { $0 }
    }

    private func vocabularyFiles() throws -> [(language: String, path: String)] {
        var files = try vocabularies.map { try VocabularyFolder.list($0) } ?? []
        files += vocabulary.map { ($0.name, $0.path) }
        files.sort { ($0.language, $0.path) < ($1.language, $1.path) }
        for (one, other) in zip(files, files.dropFirst()) where one.language == other.language {
            throw IndexerError.repeatedVocabulary(language: one.language, first: one.path, second: other.path)
        }
        return files
    }

    private func sentenceFiles() throws -> [SentenceFolder.Files] {
        var sets = try sentences.map { try SentenceFolder.list($0) } ?? []
        for pair in sentencePair {
            guard let languages = Self.languages(pair.name) else { continue }
            let paths = Self.paths(pair.path)
            sets.append(
                SentenceFolder.Files(
                    name: pair.name, firstLanguage: languages.first, secondLanguage: languages.second,
                    first: paths.first, second: paths.second))
        }
        sets.sort { ($0.name, $0.first) < ($1.name, $1.first) }
        for (one, other) in zip(sets, sets.dropFirst()) where one.name == other.name {
            throw IndexerError.repeatedSentenceSet(name: one.name, first: one.first, second: other.first)
        }
        return sets
    }

    /// "fra-eng" or "europarl.fr-en" → the two codes.
    static func languages(_ name: String) -> (first: String, second: String)? {
        let pair = name.split(separator: ".").last.map(String.init) ?? name
        let codes = pair.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard codes.count == 2, codes[0] != codes[1], codes.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (codes[0], codes[1])
    }

    /// "file" or "file,file". A comma that belongs to a name is told by what exists.
    static func paths(_ text: String) -> (first: String, second: String?) {
        if access(text, F_OK) == 0 { return (text, nil) }
        let commas = text.indices.filter { text[$0] == "," }
        let cut = commas.first { comma in
            access(String(text[..<comma]), F_OK) == 0 && access(String(text[text.index(after: comma)...]), F_OK) == 0
        }
        guard let comma = cut ?? commas.first else { return (text, nil) }
        return (String(text[..<comma]), String(text[text.index(after: comma)...]))
    }
}
