import ArgumentParser
import Console

/// `--plan`, `--shard`: which shard of which plan a command is about.
struct ShardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder of a plan (`indexer plan`): one of its shards instead.", valueName: "folder"),
        completion: .directory)
    var plan: String?

    @Option(
        help: ArgumentHelp(
            "Number of the shard; without it SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX says it.", valueName: "i"))
    var shard: Int?

    func validate() throws {
        if shard != nil && plan == nil { throw ValidationError("--shard needs --plan.") }
    }
}

/// The number of the shard an array's task is to do.
enum ShardNumber {
    /// - Parameter given: what was typed, if anything.
    /// - Throws: `ShardError.noNumber`, `.badNumber`, `.unknownShard`.
    static func resolve(
        _ given: Int?, of plan: PlanFolder, environment: (String) -> String? = ArrayTask.variable
    ) throws -> Int {
        let number = try given ?? fromEnvironment(environment)
        guard plan.plan.shards.indices.contains(number) else {
            throw ShardError.unknownShard(plan: plan.path, index: number, count: plan.plan.shards.count)
        }
        return number
    }

    private static func fromEnvironment(_ environment: (String) -> String?) throws -> Int {
        switch ArrayTask.number(environment) {
        case .number(let number): return number
        case .malformed(let variable, let found): throw ShardError.badNumber(variable: variable, found: found)
        case .none: throw ShardError.noNumber
        }
    }
}
