import Files

/// Reads the tab-separated files of the Open Multilingual Wordnet (`wn-data-fra.tab`), joined by the synset of
/// Princeton WordNet 3.0 they all name.
///
///     # Wordnet Libre du Français<TAB>fra<TAB>http://…<TAB>CeCILL-C
///     02084071-n<TAB>fra:lemma<TAB>chien
///     02084071-n<TAB>fra:def<TAB>0<TAB>…
///
/// Older files write `lemma` for `fra:lemma`. Lines that begin with `#` are comments; of the other rows those of other
/// kinds (`exe`, `lemma:root`, …) are ignored. The synset's id is `omw:02084071-n`; satellites (`s`) are adjectives
/// (`a`).
package final class WordnetTabReader: SynsetReader {
    private let texts: TextSequence
    private let name: String
    private var file: OpenFile?
    private var join = WordnetJoin()
    private var synsets: WordnetJoin.Synsets?
    private var lastID = ""

    private struct OpenFile {
        let reader: LineReader
        var language: String
        let source: String
        /// Numbers of the lexicons in the join, by language.
        var lexicons: [String: Int] = [:]
    }

    /// - Parameter places: files and members of archives, in the order their words are listed.
    package init(_ places: [TextSequence.Place]) {
        precondition(!places.isEmpty)
        texts = TextSequence(places)
        name = WordnetJoin.name(of: places)
    }

    package convenience init(paths: [String]) { self.init(paths.map { .init(path: $0) }) }

    package var path: String { file?.reader.path ?? name }
    package var lineNumber: Int { file?.reader.lineNumber ?? 0 }
    package var place: String { "\(name): synset \(lastID)" }

    package func next() throws -> Synset? {
        while synsets == nil {
            if file == nil {
                guard let reader = try texts.nextLines() else {
                    synsets = WordnetJoin.Synsets(join)
                    join = WordnetJoin()
                    break
                }
                let name = reader.member ?? reader.path
                file = OpenFile(reader: reader, language: Self.language(of: name), source: Self.source(of: name))
            }
            while let line = try file?.reader.nextOrSkippable() { try row(line) }
            file = nil
        }
        guard let synset = synsets?.next() else { return nil }
        lastID = synset.id
        return synset
    }

    private func row(_ line: UnsafeBufferPointer<UInt8>) throws {
        if line.isEmpty { return }
        if line.first == UInt8(ascii: "#") {
            if lineNumber == 1 { header(line) }
            return
        }
        let cells = line.split(separator: 0x09, omittingEmptySubsequences: false)
        guard cells.count >= 3 else {
            throw fault("a synset, a kind such as lemma, and a text, separated by tabs", "\(cells.count) cells", line)
        }
        guard let (key, part) = Self.key(cells[0]) else {
            throw fault(
                "a synset such as 02084071-n", LexiconError.excerpt(UnsafeBufferPointer(rebasing: cells[0])), line)
        }
        let kind = String(decoding: cells[1], as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
        guard kind.count <= 2, let name = kind.last, name == "lemma" || name == "def" else { return }
        let language = kind.count == 2 ? String(kind[0]) : file?.language ?? ""
        guard !language.isEmpty else {
            throw fault("a language before the kind (fra:lemma), in the header or in the file's name", "none", line)
        }
        let concept = join.concept(key)
        join.setPartOfSpeech(part, of: concept)
        let text = String(decoding: cells[cells.count - 1], as: UTF8.self)
        if name == "def" {
            join.addDefinition(text, language: language, to: concept)
        } else {
            join.addLemma(join.intern(WordnetLemma.cleaned(text)), lexicon: lexicon(of: language), to: concept)
        }
    }

    /// Whether a line is a comment or a row of such a file.
    static func isRow(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        if line.first == UInt8(ascii: "#") { return true }
        let cells = line.split(separator: 0x09, omittingEmptySubsequences: false)
        return cells.count >= 3 && key(cells[0]) != nil
    }

    private func lexicon(of language: String) -> Int {
        if let known = file?.lexicons[language] { return known }
        let number = join.add(WordnetJoin.Lexicon(language: language, source: file?.source ?? ""))
        // A file of nonsense must not fill the memory with its languages.
        if let count = file?.lexicons.count, count < 1000 { file?.lexicons[language] = number }
        return number
    }

    /// `# name TAB language TAB url TAB licence`
    private func header(_ line: UnsafeBufferPointer<UInt8>) {
        let cells = line.split(separator: 0x09, omittingEmptySubsequences: false)
        guard cells.count >= 2 else { return }
        let code = String(decoding: cells[1], as: UTF8.self)
        if LanguageCode.isWellFormed(code) { file?.language = code }
    }

    /// "02084071-n" → "omw:02084071-n", "n".
    private static func key(_ cell: Slice<UnsafeBufferPointer<UInt8>>) -> (key: String, part: String)? {
        let bytes = Array(cell)
        guard bytes.count == 10, bytes[8] == UInt8(ascii: "-"), bytes[..<8].allSatisfy({ (0x30...0x39).contains($0) }),
            "nvasr".utf8.contains(bytes[9])
        else { return nil }
        let part = bytes[9] == UInt8(ascii: "s") ? "a" : String(Unicode.Scalar(bytes[9]))
        return ("omw:\(String(decoding: bytes[..<8], as: UTF8.self))-\(part)", part)
    }

    /// `wn-data-fra.tab` → "fra"; empty when the name does not tell.
    private static func language(of path: String) -> String {
        let stem = InputFileName.parts(InputFileName.last(path)).first ?? ""
        let code = stem.split(separator: "-").last.map(String.init) ?? ""
        return LanguageCode.isWellFormed(code) ? code : ""
    }

    /// `wn-data-fra.tab` → "wn", `wn-wikt-fra.tab` → "wikt": what the lemmas' source is called.
    private static func source(of path: String) -> String {
        let parts = (InputFileName.parts(InputFileName.last(path)).first ?? "").split(separator: "-").map(String.init)
        return parts.count >= 3 && parts[1] != "data" ? parts[1] : parts.first ?? ""
    }

    private func fault(_ expected: String, _ found: String, _ line: UnsafeBufferPointer<UInt8>) -> SkippableFault {
        SkippableFault(
            .malformedLine(
                path: path, line: lineNumber, expected: expected, found: found, advice: "correct or remove the line"))
    }
}
