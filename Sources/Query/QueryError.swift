import Diagnostics

/// What can keep a report from being made, or a check from holding; what keeps a question from being answered is
/// `LookupError`.
enum QueryError: Diagnosable, Equatable {
    /// Nothing of what was given can be evaluated.
    case nothingToEvaluate(task: String, reasons: [String])
    /// - Parameter omissions: results there are, and why they do not count.
    case noResults(folder: String, omissions: [String])
    /// None of the words asked for has an answer.
    case nothingToTranslate(reasons: [String])
    /// Two vocabularies without a pair.
    case nothingInduced(from: String, to: String, sources: Int, targets: Int, spelledAlike: Int)
    /// None of the stored results chosen can be written in a format.
    case nothingToExport(option: String, wanted: String, folder: String)
    /// A dictionary would choose the layer it is scored at.
    case validationIsScored(path: String, dataset: String, pair: String)
    /// Two results of one export have the same file.
    case sameFile(path: String, first: String, second: String)
    /// What `--fail-if-worse` asks about.
    /// - Parameter comparisons: one sentence each.
    case worse(comparisons: [String])

    var exitStatus: ExitStatus {
        switch self {
        case .nothingToEvaluate, .noResults, .nothingInduced, .nothingToExport: .missingInput
        case .sameFile, .validationIsScored: .usage
        case .nothingToTranslate: .badInput
        case .worse: .failedCheck
        }
    }

    var description: String {
        switch self {
        case .nothingToEvaluate(let task, let reasons):
            "\(task): nothing could be evaluated"
                + reasons.prefix(10).map { "\n  " + $0 }.joined()
                + (reasons.count > 10 ? "\n  and \(reasons.count - 10) more like these" : "")
        case .noResults(let folder, let omissions):
            "\(folder): no results are stored yet; run `query bli`, `query xlsim` or `query tatoeba` first"
                + omissions.map { "; " + $0 }.joined()
        case .nothingToTranslate(let reasons):
            "no word was translated: " + reasons.prefix(5).joined(separator: "; ")
                + (reasons.count > 5 ? "; and \(reasons.count - 5) more like these" : "")
        case .nothingInduced(let from, let to, let sources, let targets, let spelledAlike):
            "no pair of \(sources) \(from) and \(targets) \(to) words is left"
                + (spelledAlike > 0 ? "; \(spelledAlike) are spelled alike, and --drop-identical leaves them out" : "")
        case .nothingToExport(let option, let wanted, let folder):
            "\(option): the results chosen in \(folder) hold no \(wanted)"
        case .sameFile(let path, let first, let second):
            "\(path): would hold \(first) and \(second), whose names differ only in characters a file's name does not "
                + "have; choose with --datasets or --pairs"
        case .validationIsScored(let path, let dataset, let pair):
            "\(path): --validation holds the same pairs of words as \(dataset) \(pair), which is scored; a layer "
                + "chosen on them would flatter; give other dictionaries, or --select-on other-pairs or half"
        case .worse(let comparisons):
            "worse, by more than the test words' chance: " + comparisons.joined(separator: "; ")
        }
    }
}
