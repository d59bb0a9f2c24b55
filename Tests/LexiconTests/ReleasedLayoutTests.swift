import Files
import TestSupport
import Testing

@testable import Lexicon

/// The layouts in which the paper's code and data were released (umanlp/babelbert, umanlp/babelbert-dataset, and the
/// test sets they took over), with rows of our own: each is read as it is.
@Suite struct ReleasedLayoutTests {
    let folder = try! TemporaryFolder(inMemory: true)

    /// `datasets/bli_datasets`: a folder for each pair, with the test set and training sets of several sizes.
    private func writeDictionaries() throws {
        for pair in ["de-fi", "en-it"] {
            try folder.write("bli/glavas/\(pair)/yacle.test.freq.2k.\(pair).tsv", "a\tb\n")
            for size in ["500", "1k", "3k", "5k"] {
                try folder.write("bli/glavas/\(pair)/yacle.train.freq.\(size).\(pair).tsv", "c\td\n")
            }
        }
        for pair in ["th-et", "bg-ca"] {
            try folder.write("bli/vulic/\(pair)/\(pair).test.2000.cc.trans", "e\tf\n")
            for size in ["500", "1000", "2000", "5000"] {
                try folder.write("bli/vulic/\(pair)/\(pair).train.\(size).cc.trans", "g\th\n")
            }
        }
    }

    @Test func aFolderForEachPairIsOneDataSet() throws {
        try writeDictionaries()
        let glavas = try #require(try DictionaryTree(folder.path + "/bli/glavas").sets.first)
        #expect(glavas.folder == folder.path + "/bli/glavas")
        #expect(glavas.files.map(\.name) == ["de-fi", "en-it"] && glavas.files.allSatisfy { !$0.isTraining })
        #expect(glavas.ignored.count == 8 && glavas.ignored.first == "de-fi/yacle.train.freq.1k.de-fi.tsv")
        let both = try DictionaryTree(folder.path + "/bli").sets
        #expect(both.map(\.folder) == ["glavas", "vulic"].map { folder.path + "/bli/" + $0 })
        #expect(both.map { $0.files.map(\.name) } == [["de-fi", "en-it"], ["bg-ca", "th-et"]])
        #expect(try DictionaryReader.read(both[1].files[1]).source.string(at: 0) == "e")
    }

    @Test func twoTestSetsOfAPairInTwoFoldersAreAnError() throws {
        try writeDictionaries()
        try folder.write("bli/glavas/fi-de/yacle.test.freq.2k.de-fi.tsv", "a\tb\n")
        let outer = folder.path + "/bli/glavas"
        #expect(
            throws: LexiconError.ambiguous(
                folder: outer, what: "test dictionaries of 'de-fi'",
                first: outer + "/de-fi/yacle.test.freq.2k.de-fi.tsv",
                second: outer + "/fi-de/yacle.test.freq.2k.de-fi.tsv")
        ) { try DictionaryTree(outer) }
    }

    @Test func foldersThatHoldNoDictionaryAreAnError() throws {
        try folder.write("none/inner/notes.md", "x")
        #expect(throws: LexiconError.self) { try DictionaryTree(folder.path + "/none") }
        // Further in than a data set's pairs nobody looks.
        try folder.write("deep/a/b/c/de-fi.tsv", "a\tb\n")
        #expect(throws: LexiconError.self) { try DictionaryTree(folder.path + "/deep") }
    }

    /// `datasets/vocab`: lists beside the scripts that made them.
    @Test func vocabularies() throws {
        try folder.write("vocab/de_vocab.txt", ".\n,\n</s>\nder\n")
        try folder.write("vocab/th_vocab.txt", "และ\n")
        try folder.write("vocab/get_vocab.py", "import os\n")
        try folder.write("vocab/download_fasttext.sh", "wget\n")
        let listing = try VocabularyFolder(folder.path + "/vocab")
        #expect(listing.files.map(\.language) == ["de", "th"])
        #expect(listing.ignored == ["download_fasttext.sh", "get_vocab.py"])
        let german = try VocabularyReader.read(path: listing.files[0].path, language: "de")
        #expect(german.words.rows == bytes([".", ",", "</s>", "der"]))
    }

    /// `datasets/multisimlex` and `datasets/tatoeba`.
    @Test func similarityPairsAndSentences() throws {
        try folder.write("multisimlex/ENG-FIN.csv", "ID,ENG,FIN,PoS,score\n1,state,koti,nouns,0.32\n")
        let file = try #require(try SimilarityReader.list(folder.path + "/multisimlex").first)
        let pairs = try SimilarityReader.read(path: file)
        #expect((pairs.name, pairs.count) == ("ENG-FIN", 1))
        try folder.write("tatoeba/tatoeba.cmn-eng.cmn", "你好。\n")
        try folder.write("tatoeba/tatoeba.cmn-eng.eng", "Hello.\n")
        let set = try #require(try SentenceSetReader.readFolder(folder.path + "/tatoeba").first)
        #expect((set.name, set.firstLanguage, set.secondLanguage) == ("cmn-eng", "cmn", "eng"))
    }

    /// `dataset_gloss_1k_lcheck_cl_gloss_final.csv`: as pandas writes it, with and without its index.
    @Test(arguments: ["", ",Unnamed: 0"])
    func constraints(index: String) throws {
        let (header, cell) = index.isEmpty ? ("", "") : (",", "0,")
        try folder.write(
            "babelbert.csv",
            "\(header)word1,word2,lang1,lang2,sent1,sent2,synsetID\n"
                + "\(cell)Haus,talo,de,fi,\"a building, for living\",,bn:00044994n\n")
        let reader = try ConstraintReader(path: folder.path + "/babelbert.csv")
        let row = try #require(try reader.next())
        #expect((row.firstLanguage, row.firstWord, row.secondLanguage, row.secondWord) == ("de", "Haus", "fi", "talo"))
        #expect(row.firstGloss == "a building, for living" && row.secondGloss.isEmpty && row.synset == "bn:00044994n")
        #expect(try reader.next() == nil)
    }
}
