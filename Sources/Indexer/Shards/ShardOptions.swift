import ArgumentParser
import Glibc

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
    /// Slurm's job array, Kubernetes' Indexed Job.
    static let variables = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"]

    /// - Parameter given: what was typed, if anything.
    /// - Throws: `ShardError.noNumber`, `.badNumber`, `.unknownShard`.
    static func resolve(_ given: Int?, of plan: PlanFolder, environment: (String) -> String? = variable) throws -> Int {
        let number = try given ?? fromEnvironment(environment)
        guard plan.plan.shards.indices.contains(number) else {
            throw ShardError.unknownShard(plan: plan.path, index: number, count: plan.plan.shards.count)
        }
        return number
    }

    private static func fromEnvironment(_ environment: (String) -> String?) throws -> Int {
        for name in variables {
            guard let text = environment(name) else { continue }
            guard let number = Int(text) else { throw ShardError.badNumber(variable: name, found: text) }
            return number
        }
        throw ShardError.noNumber
    }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
