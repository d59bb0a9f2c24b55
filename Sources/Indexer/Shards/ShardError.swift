import Console
import Diagnostics

/// What can be wrong with a plan and its shards; one line each.
enum ShardError: Diagnosable, Equatable {
    /// Neither `--shard` nor an engine's variable says which shard.
    case noNumber
    /// An engine's variable is no number.
    case badNumber(variable: String, found: String)
    case unknownShard(plan: String, index: Int, count: Int)
    case notAPlan(folder: String)
    case otherPlan(folder: String, id: String, found: String)
    case damagedPlan(path: String, expected: String, found: String)
    case newerPlan(path: String, found: Int, supported: Int)
    /// Texts or weights are not what was planned.
    case changedInput(what: String, path: String, expected: String, found: String)
    /// Another version or build of the program than the plan's.
    case otherProgram(place: String, expected: String, found: String)
    case otherArithmetic(place: String, expected: String, found: String)
    case otherEncoding(path: String, expected: Int, found: Int)
    case missingShards(plan: String, missing: String, count: Int, total: Int)
    case notBuilt(folder: String, index: Int)
    case damagedShard(folder: String, index: Int, expected: String, found: String)
    case sharedScratch(folder: String, kind: String)
    /// Files cannot be taken over this way between these two folders.
    case cannotTakeOver(shard: String, store: String, way: String, reason: String)

    var exitStatus: ExitStatus {
        switch self {
        case .noNumber, .badNumber, .unknownShard, .otherPlan, .sharedScratch, .cannotTakeOver: .usage
        case .damagedPlan, .newerPlan, .changedInput, .otherProgram, .otherArithmetic, .otherEncoding, .damagedShard:
            .badInput
        case .notAPlan, .notBuilt: .missingInput
        case .missingShards: .tryAgain
        }
    }

    var description: String {
        switch self {
        case .noNumber:
            "which shard? give --shard, or start the command from an array that sets "
                + ArrayTask.variables.joined(separator: " or ")
        case .badNumber(let variable, let found):
            "\(variable): expected a shard's number, found '\(found)'"
        case .unknownShard(let plan, let index, let count):
            "\(plan): expected a shard of 0 to \(count - 1), found \(index)"
        case .notAPlan(let folder):
            "\(folder): no plan: expected plan.json in it, found none; make one with `indexer plan --out \(folder) …`"
        case .otherPlan(let folder, let id, let found):
            "\(folder): there is another plan, \(found), and this one is \(id); name another folder with --out, or "
                + "remove \(folder)/plan.json if nobody works on that plan any more"
        case .damagedPlan(let path, let expected, let found):
            "\(path): expected \(expected), found \(found); the plan was changed or is damaged, make it again with "
                + "`indexer plan`"
        case .newerPlan(let path, let found, let supported):
            "\(path): plan format is \(found), expected at most \(supported); it was made by a later version of "
                + "Polylex, use that one"
        case .changedInput(let what, let path, let expected, let found):
            "\(path): \(what) has changed since the plan was made: expected \(expected), found \(found); put back what "
                + "was planned, or make a new plan"
        case .otherProgram(let place, let expected, let found):
            "\(place): made for the indexer \(expected), found \(found); use the same program everywhere, or make a "
                + "new plan"
        case .otherArithmetic(let place, let expected, let found):
            "\(place): expected vectors computed with \(expected), found \(found): their last bits differ; run the "
                + "shards on one kind of processor"
        case .otherEncoding(let path, let expected, let found):
            "\(path): planned for version \(found) of the encoding rules, this program has \(expected); use the "
                + "program the plan was made with, or make a new plan"
        case .missingShards(let plan, let missing, let count, let total):
            "\(plan): \(count) of \(total) shards \(count == 1 ? "is" : "are") missing: \(missing); build them "
                + "(sbatch --array=\(missing)) and run the same command again"
        case .notBuilt(let folder, let index):
            "\(folder): shard \(index) is not built; `indexer build --plan … --shard \(index)` builds it"
        case .damagedShard(let folder, let index, let expected, let found):
            "\(folder): expected \(expected), found \(found); shard \(index) is damaged: remove the folder and build "
                + "it again with `indexer build --plan … --shard \(index)`"
        case .sharedScratch(let folder, let kind):
            "\(folder): this folder is on \(kind), which several hosts can write to at once; a shard is built on a "
                + "disk of its own machine: name one with --scratch"
        case .cannotTakeOver(let shard, let store, let way, let reason):
            "\(store): layer files of \(shard) cannot be taken over by --\(way): \(reason); use another of --link, "
                + "--move and --copy (--copy writes all vectors once more)"
        }
    }
}
