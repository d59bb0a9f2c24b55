import TestSupport
import Testing

@testable import Lexicon

/// The reference's rule for which dictionary rows are queries, checked against counts made with Python.
///
/// A row counts when its target, or `str.lower` of it, is in the target vocabulary, and its source likewise in the
/// source vocabulary. It exercises readers, byte-keyed lookups and lower-casing together.
@Suite struct FilterCountTests {
    private func kept(_ dictionary: BilingualDictionary, source: TextIndex, target: TextIndex) -> Int {
        func holds(_ index: TextIndex, _ table: TextTable, _ row: Int) -> Bool {
            table.withBytes(at: row) { word in
                index.contains(word) || index.row(of: ReferenceLowercase.lower(word)) != nil
            }
        }
        return (0..<dictionary.count).count {
            holds(target, dictionary.target, $0) && holds(source, dictionary.source, $0)
        }
    }

    @Test func countsRowsOfAFixture() throws {
        let folder = try TemporaryFolder(inMemory: true)
        let words = { (name: String, list: String) in
            TextIndex(of: try VocabularyReader.read(path: folder.write(name, list), language: "xx").words)
        }
        let source = try words("de.txt", "haus\nBERG\nnull\n\u{e9}\n")
        let target = try words("el.txt", "\u{3c3}\u{3c0}\u{3af}\u{3c4}\u{3b9}\n\u{3bf}\u{3b4}\u{3c2}\nna\n")
        let path = try folder.write(
            "de-el.tsv",
            [
                "Haus\t\u{3a3}\u{3a0}\u{38a}\u{3a4}\u{399}",  // both lower-cased
                "BERG\t\u{3bf}\u{3b4}\u{3c2}",  // both as they are
                "berg\t\u{3bf}\u{3b4}\u{3c2}",  // the vocabulary's capitals are not lower-cased
                "null\tNA",  // words, not missing values
                "null\t\u{39f}\u{394}\u{3a3}",  // a final sigma
                "e\u{301}\tna",  // canonically equal is another word
                "\u{e9}\tna",
                "Haus\tfehlt",
            ].joined(separator: "\n") + "\n")
        #expect(try kept(DictionaryReader.read(path: path), source: source, target: target) == 5)
    }

    /// The 28 pairs of G-BLI and 190 of PanLex-BLI over 21 vocabularies of 100,000 words.
    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
    func reproducesTheReferenceCounts() throws {
        var indexes: [String: TextIndex] = [:]
        for (language, path) in try VocabularyFolder.list(SharedData.path("bli/vocab")) {
            let vocabulary = try VocabularyReader.read(path: path, language: language)
            #expect(vocabulary.words.count == 100_000)
            #expect(vocabulary.duplicates == 0)
            indexes[language] = TextIndex(of: vocabulary.words)
        }
        var pairs = 0
        for line in try lines(of: SharedData.path("bli/filter_counts.tsv")).dropFirst() {
            let cells = line.split(separator: "\t").map(String.init)
            let dictionary = try DictionaryReader.read(path: SharedData.path("bli/\(cells[0])/\(cells[1]).test.tsv"))
            let source = try #require(indexes[dictionary.sourceLanguage])
            let target = try #require(indexes[dictionary.targetLanguage])
            #expect(String(dictionary.count) == cells[2], "\(cells[0]) \(cells[1])")
            #expect(String(kept(dictionary, source: source, target: target)) == cells[3], "\(cells[0]) \(cells[1])")
            pairs += 1
        }
        #expect(pairs == 218)
    }
}
