import Console
import Diagnostics

/// What can go wrong in the work of `train` itself; its inputs have errors of their own.
enum TrainError: Diagnosable, Equatable {
    case badLanguage(option: String, code: String)
    case repeatedLanguage(option: String, code: String)
    /// No English frequency list to take seeds from.
    case noSeedList(folder: String)
    /// None of the chosen languages has a frequency list.
    case noLists(folder: String)
    case noSeeds(path: String)
    /// Mining or sampling gave nothing.
    case nothingMined(synsets: Int)
    case repeatedSynset(place: String, id: String)
    /// With --strict: a synset with an item that would be left out and counted.
    case defectiveSynset(place: String, id: String, what: String)
    case unknownInput(path: String, expected: String)
    /// A sample cannot be as large as asked for.
    case tooFewRows(path: String, asked: Int, found: Int)
    case shortPairs(path: String, asked: Int, short: [String])
    case sameFile(path: String)
    /// A sample of fixed size from languages the table does not have.
    case absentLanguages(path: String, languages: [String], present: [String])
    /// The table gave other counts when it was read a second time.
    case changedMeanwhile(path: String)
    case tooManyLanguages(found: Int, limit: Int)
    case unknownTypology(path: String, language: String)
    case typologyGap(path: String, language: String, feature: String)
    case tooFewCandidates(size: Int, candidates: Int)
    case emptyBins(filled: Int, bins: Int, draws: Int)

    var exitStatus: ExitStatus {
        switch self {
        case .badLanguage, .repeatedLanguage, .sameFile, .tooFewCandidates: .usage
        case .noSeedList, .noLists, .unknownInput: .missingInput
        case .shortPairs, .emptyBins: .failedCheck
        case .changedMeanwhile: .tryAgain
        default: .badInput
        }
    }

    var description: String {
        switch self {
        case .badLanguage(let option, let code):
            "\(option): expected language codes such as en,fi,zh, found '\(code)'"
        case .repeatedLanguage(let option, let code):
            "\(option): the language '\(code)' is given twice (codes such as eng and en are one language); keep one"
        case .noSeedList(let folder):
            "\(folder): no English frequency list to take seeds from; add en.txt, en.vec or large_en.msgpack.gz (or "
                + ".gz), or keep every synset with --without seeds"
        case .noLists(let folder):
            "\(folder): no frequency list of any chosen language; add <language>.txt files, or drop the rule with "
                + "--without frequency"
        case .noSeeds(let path):
            "\(path): no seed is left after stop words are removed; raise --seeds or check --stopwords"
        case .nothingMined(let synsets):
            "not one pair is left of \(Quantity.counted(synsets, "synset")), and nothing was written; the counts of "
                + "removed items above tell which rule took them, --without turns a rule off"
        case .repeatedSynset(let place, let id):
            "\(place): the synset '\(id)' was read before; merge the two, or leave --strict out to skip the later one"
        case .defectiveSynset(let place, let id, let what):
            "\(place): the synset '\(id)' has \(what); correct it, or leave --strict out to skip and count such items"
        case .unknownInput(let path, let expected):
            "\(path): expected \(expected); check the path"
        case .tooFewRows(let path, let asked, let found):
            "\(path): a sample of \(asked) rows was asked for, the table has \(found); ask for fewer"
        case .shortPairs(let path, let asked, let short):
            "\(path): \(short.count) language pairs have fewer than \(asked) constraints ("
                + short.prefix(8).joined(separator: ", ") + (short.count > 8 ? ", …" : "")
                + "); mine more, ask for fewer, or take what there is with --allow-short"
        case .absentLanguages(let path, let languages, let present):
            "\(path): no constraint in the language\(languages.count > 1 ? "s" : "") "
                + languages.joined(separator: ", ")
                + "; the table has " + present.joined(separator: " ")
        case .changedMeanwhile(let path):
            "\(path): the table changed while it was sampled; sample it again when it is complete"
        case .tooManyLanguages(let found, let limit):
            "a matrix of \(found) languages was asked for, \(limit) are the most; sample fewer languages first"
        case .sameFile(let path):
            "\(path): input and output are the same file; name another --out"
        case .unknownTypology(let path, let language):
            "\(path): no vector for the language '\(language)'; add a row for it or leave it out"
        case .typologyGap(let path, let language, let feature):
            "\(path): the vector of '\(language)' has no value for \(feature); take a set without gaps (lang2vec's "
                + "_knn sets)"
        case .tooFewCandidates(let size, let candidates):
            "--size \(size): only \(candidates) languages are left to draw from; name more with --from or exclude fewer"
        case .emptyBins(let filled, let bins, let draws):
            "only \(filled) of \(bins) bins hold a sample after \(draws) draws; draw more with --draws"
        }
    }
}
