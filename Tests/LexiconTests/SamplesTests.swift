import Testing

@testable import Lexicon

/// Every sample shipped with the project is readable, and the samples fit each other.
@Suite struct SamplesTests {
    static let samples = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/samples"

    private func vocabularies() throws -> [String: TextIndex] {
        var indexes: [String: TextIndex] = [:]
        for (language, path) in try VocabularyFolder.list(Self.samples + "/vocabularies") {
            let vocabulary = try VocabularyReader.read(path: path, language: language)
            #expect(
                vocabulary.words.count >= 200 && vocabulary.duplicates == 0 && vocabulary.emptyEntries == 0, "\(path)")
            indexes[LanguageCode.canonical(language)] = TextIndex(of: vocabulary.words)
        }
        return indexes
    }

    @Test func dictionariesUseWordsOfTheVocabularies() throws {
        let indexes = try vocabularies()
        #expect(indexes.keys.sorted() == ["de", "en", "fi", "fr", "hr", "it", "ru", "tr"])
        let files = try DictionaryFolder(Self.samples + "/dictionaries", includingTraining: true).files
        #expect(files.count == 56 && files.count { $0.isTraining } == 28)
        for file in files {
            let dictionary = try DictionaryReader.read(file)
            let source = try #require(indexes[file.sourceLanguage])
            let target = try #require(indexes[file.targetLanguage])
            let known = (0..<dictionary.count).count {
                source.row(of: dictionary.source.bytes(at: $0)) != nil
                    && target.row(of: dictionary.target.bytes(at: $0)) != nil
            }
            #expect(known == dictionary.count, "\(file.path)")
        }
    }

    @Test func sentencesAreAligned() throws {
        let sets = try SentenceSetReader.readFolder(Self.samples + "/sentences")
        #expect(sets.count == 7)
        #expect(sets.allSatisfy { $0.secondLanguage == "eng" && $0.first.count >= 50 })
    }

    @Test func similarityPairsUseWordsOfTheVocabularies() throws {
        let indexes = try vocabularies()
        let paths = try SimilarityReader.list(Self.samples + "/similarity")
        #expect(!paths.isEmpty)
        for path in paths {
            let pairs = try SimilarityReader.read(path: path)
            #expect(pairs.omitted == 0 && pairs.trimmedCells == 0)
            for (language, words) in [(pairs.firstLanguage, pairs.first), (pairs.secondLanguage, pairs.second)] {
                let index = try #require(indexes[LanguageCode.canonical(language)], "\(path)")
                #expect((0..<words.count).allSatisfy { index.row(of: words.bytes(at: $0)) != nil }, "\(path)")
            }
        }
    }
}
