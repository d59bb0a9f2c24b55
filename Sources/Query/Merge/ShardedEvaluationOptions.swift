import ArgumentParser
import Console
import Lookup

/// `--shard`, `--results`: an evaluation divided over jobs.
struct ShardedEvaluationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Evaluate part i of N only, i from 0, into --results; with /N the array's task says i "
                + "(SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX).",
            valueName: "i/N"), transform: { try ShardArgument($0) })
    var shard: ShardArgument?

    @Option(
        help: ArgumentHelp("With --shard: the file for its results, for `query merge`.", valueName: "file"),
        completion: .file())
    var results: String?

    func validate() throws {
        guard (shard == nil) == (results == nil) else {
            throw ValidationError(
                shard == nil
                    ? "--results is for --shard; without it results go into the store"
                    : "--shard needs --results with a file for what it comes to: the store is only read")
        }
    }
}

/// "3/20", or "/20" where the environment says which.
struct ShardArgument {
    let shard: EvaluationShard

    /// - Parameter environment: the value of a variable; nil for one that is not set.
    /// - Throws: `ValidationError` for anything else.
    init(_ text: String, environment: (String) -> String? = ArrayTask.variable) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Self.number(parts[1]), EvaluationShard.counts.contains(count) else {
            throw ValidationError(
                "expected i/N, such as 3/20, of at most \(EvaluationShard.counts.upperBound), found '\(text)'")
        }
        let index: Int?
        if parts[0].isEmpty {
            switch ArrayTask.number(environment) {
            case .number(let number): index = number
            case .malformed(let variable, let found):
                throw ValidationError("\(variable): expected a shard's number, found '\(found)'")
            case .none:
                throw ValidationError(
                    "which shard? write i before '\(text)', or start the command from an array that sets "
                        + ArrayTask.variables.joined(separator: " or "))
            }
        } else {
            index = Self.number(parts[0])
        }
        guard let index, (0..<count).contains(index) else {
            throw ValidationError("expected a shard of 0 to \(count - 1), found '\(index.map(String.init) ?? text)'")
        }
        shard = EvaluationShard(index: index, count: count)
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}
