/// Two words of one synset, each with a sentence that explains it: a positive example of the contrastive loss.
package struct Constraint: Sendable, Equatable {
    package var firstLanguage: String
    package var firstWord: String
    package var secondLanguage: String
    package var secondWord: String
    /// Empty when the file's format does not tell a gloss's language.
    package var firstGlossLanguage: String
    package var firstGloss: String
    package var secondGlossLanguage: String
    package var secondGloss: String
    package var synset: String

    package init(
        firstLanguage: String, firstWord: String, secondLanguage: String, secondWord: String,
        firstGlossLanguage: String = "", firstGloss: String = "", secondGlossLanguage: String = "",
        secondGloss: String = "", synset: String
    ) {
        self.firstLanguage = firstLanguage
        self.firstWord = firstWord
        self.secondLanguage = secondLanguage
        self.secondWord = secondWord
        self.firstGlossLanguage = firstGlossLanguage
        self.firstGloss = firstGloss
        self.secondGlossLanguage = secondGlossLanguage
        self.secondGloss = secondGloss
        self.synset = synset
    }

    /// "de-en": the two languages in byte order, whichever word comes first.
    package var languagePair: String {
        firstLanguage.utf8.lexicographicallyPrecedes(secondLanguage.utf8)
            ? "\(firstLanguage)-\(secondLanguage)" : "\(secondLanguage)-\(firstLanguage)"
    }
}

/// The two layouts of a table of constraints.
package enum ConstraintFormat: String, Sendable, CaseIterable {
    /// Tab-separated, nine columns, no quoting.
    case tsv
    /// The released babelbert-dataset: comma-separated with RFC 4180 quoting, seven columns, no gloss languages.
    case csv

    /// Column names, in the order they are written.
    package var columns: [String] {
        switch self {
        case .tsv:
            [
                "lang1", "word1", "lang2", "word2", "gloss1_lang", "gloss1", "gloss2_lang", "gloss2", "synset_id",
            ]
        case .csv: ["word1", "word2", "lang1", "lang2", "sent1", "sent2", "synsetID"]
        }
    }

    /// CSV when the name ends in `.csv` or `.csv.gz`, else TSV.
    package init(path: String) { self = InputFileName.plain(path).hasSuffix(".csv") ? .csv : .tsv }
}
