import Console
import Diagnostics
import Glibc
import Lookup

/// One job's part of an evaluation: the store is only read, results go to a file.
struct ShardedEvaluation {
    let schema: ResultSchema
    /// `--results`
    let file: String

    /// A job that is stopped leaves what it has; started again it goes on from there, and one that is done is done.
    /// - Throws: `QueryError.nothingToEvaluate` when the whole evaluation has nothing; `ResultsFileError`.
    func run(
        _ options: EvaluationOptions, _ observer: TerminalObserver,
        _ body: (EvaluationRun, [StoredCheckpoint]) throws -> Void
    ) throws {
        let program = try ResultsFile.Program.own(version: ProgramVersion.number)
        let settings = options.settings
        let run = try EvaluationRun(
            folder: options.store.store, schema: schema, settings: settings, observer: observer,
            earlier: try earlier(settings, program, observer))
        StopRequest.install()
        do {
            try run.perform { try body(run, $0) }
        } catch ConsoleError.stopped(let advice) {
            try run.resultsFile(file, program: program, complete: false)?.write()
            throw ConsoleError.stopped(advice: advice)
        }
        run.tellSkipped(observer)
        guard let units = run.unitCount, units > 0,
            let results = run.resultsFile(file, program: program, complete: true)
        else { throw QueryError.nothingToEvaluate(task: schema.task, reasons: run.skipped) }
        try results.write()
        let count = results.results.count
        if options.output.json {
            try ResultStream.standardOutput.write([
                "task": .text(schema.task), "shard": .integer(results.header.shard),
                "shards": .integer(results.header.shards), "units_of_all": .integer(units),
                "results": .integer(count), "reused": .integer(run.reused), "file": .text(file),
            ])
        } else {
            try ResultStream.standardOutput.write(
                report: "\(file): \(Quantity.counted(count, "result")), shard \(results.header.shard) of "
                    + "\(results.header.shards)\n")
        }
    }

    /// What stands under the name.
    /// - Returns: nil when it is of no use: nothing, damaged, of another program.
    /// - Throws: `ResultsFileError.inTheWay` for what this command must not replace.
    private func earlier(
        _ settings: EvaluationRun.Settings, _ program: ResultsFile.Program, _ observer: TerminalObserver
    ) throws -> ResultsFile? {
        do {
            let found = try ResultsFile(reading: file)
            if let shard = settings.shard, found.header.shards == shard.count, found.header.shard != shard.index {
                throw ResultsFileError.inTheWay(
                    path: file, found: "results of shard \(found.header.shard) of \(found.header.shards)")
            }
            try found.requireOwn(program)
            return found
        } catch let fault as SystemFault where fault.code == ENOENT {
            return nil
        } catch ResultsFileError.notResults(_, let found) {
            throw ResultsFileError.inTheWay(path: file, found: found)
        } catch let reason as ResultsFileError {
            if case .inTheWay = reason { throw reason }
            observer.remark("query: \(reason.description); it is replaced")
            return nil
        }
    }
}
