import Diagnostics

/// What can be wrong with files of results (`query … --shard`), one by one and together; one line each.
package enum ResultsFileError: Diagnosable, Equatable {
    case notResults(path: String, found: String)
    case damaged(path: String, expected: String, found: String)
    case newer(path: String, found: Int, supported: Int)
    /// Computed by another version or build of the program.
    case otherProgram(path: String, expected: String, found: String)
    case otherArithmetic(path: String, expected: String, found: String)
    /// `--results` names what is something else.
    case inTheWay(path: String, found: String)
    /// - Parameters:
    ///   - missing: "0,3-5".
    ///   - unfinished: files of jobs that were stopped.
    case missing(task: String, missing: String, count: Int, total: Int, unfinished: [String])
    /// Jobs of one evaluation that did not see the same.
    case mixed(task: String, first: String, second: String)
    /// Two files have the same result with other numbers.
    case twinsDiffer(first: String, second: String, result: String, expected: String, found: String)
    /// The store has the result with other numbers.
    case storeDiffers(path: String, store: String, result: String, expected: String, found: String)
    /// What was evaluated is not what the store holds.
    case otherState(path: String, store: String, result: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .inTheWay: .usage
        case .missing: .tryAgain
        case .notResults, .damaged, .newer, .otherProgram, .otherArithmetic, .mixed, .twinsDiffer, .storeDiffers,
            .otherState:
            .badInput
        }
    }

    package var description: String {
        switch self {
        case .notResults(let path, let found):
            "\(path): expected results of `query … --shard`, found \(found)"
        case .damaged(let path, let expected, let found):
            "\(path): expected \(expected), found \(found); the file is damaged or was cut: run its job again"
        case .newer(let path, let found, let supported):
            "\(path): format of results is \(found), expected at most \(supported); it was made by a later version of "
                + "Polylex, use that one"
        case .otherProgram(let path, let expected, let found):
            "\(path): computed by query \(found), expected \(expected), this one; use the same program everywhere, or "
                + "run the job again with this one"
        case .otherArithmetic(let path, let expected, let found):
            "\(path): computed with \(found), expected \(expected), this processor's: their last bits differ; run jobs "
                + "and merge on one kind of processor"
        case .inTheWay(let path, let found):
            "\(path): --results would replace \(found); name another file, or remove this one"
        case .missing(let task, let missing, let count, let total, let unfinished):
            "\(task): \(count) of \(total) shards \(count == 1 ? "is" : "are") missing: \(missing)"
                + (unfinished.first.map { path in
                    " (\(path)\(unfinished.count > 1 ? " and \(unfinished.count - 1) more" : "") stopped before the "
                        + "end)"
                } ?? "") + "; run these jobs (sbatch --array=\(missing)) and the same command again"
        case .mixed(let task, let first, let second):
            "\(second): of another evaluation than \(first): \(task) over another state of the store, other inputs or "
                + "other options; run all jobs of one evaluation on the same"
        case .twinsDiffer(let first, let second, let result, let expected, let found):
            "\(second): \(result) differs from \(first): expected \(expected), found \(found); one of the two is "
                + "wrong: run the job again and merge what comes out twice"
        case .storeDiffers(let path, let store, let result, let expected, let found):
            "\(path): \(result) differs from what \(store) has: expected \(expected), found \(found); evaluate it "
                + "again with --recompute"
        case .otherState(let path, let store, let result):
            "\(path): \(result) was computed from other weights, texts or vectors than \(store) holds now; nothing was "
                + "merged: run the jobs again on what it holds"
        }
    }
}
