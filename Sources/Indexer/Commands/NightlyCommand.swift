import ArgumentParser
import Console
import Diagnostics
import Files
import Foundation
import Glibc

/// `indexer nightly`: a night's work from one file, with one exit status.
struct NightlyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightly",
        abstract: "Builds, evaluates, compares and reports as one file says; run it every night.",
        discussion: """
            The file (YAML, docs/nightly.md) names checkpoints, texts, evaluations, a baseline that is to be compared \
            with, a report, and a command that is given a JSON summary at the end. Paths in it are relative to its \
            folder. Steps are commands of `indexer` and `query`: what is done already takes a moment, a step that \
            fails stops only what needs it, and after SIGTERM (exit status 75) the same command goes on.

            Exit status: 0 when everything was done; 1 when a comparison found a checkpoint worse; else that of the \
            first step that failed.

            Example:
              indexer nightly night.yaml
            """)

    @Argument(help: ArgumentHelp("The night's configuration, YAML.", valueName: "config"), completion: .file())
    var config: String

    @Flag(help: "Say which steps would be taken, what builds would encode and how much disk they need; do nothing.")
    var dryRun = false

    @Option(help: "What is said on standard error, with time and level: lines of text, or of JSON.")
    var logFormat: LogFormat = .text

    @OptionGroup var output: OutputOptions

    func run() throws {
        let log = NightlyLog(logFormat, least: output.quiet ? .warning : .info)
        do {
            try run(log)
        } catch let error as any Diagnosable where !(error is ConsoleError) {
            log.write(.error, error.description)
            throw error.exitStatus.code
        }
    }

    private func run(_ log: NightlyLog) throws {
        let file = AbsolutePath.of(config)
        let root = try ConfigurationValue(file: file)
        let lock = try NightlyLock(file)
        defer { lock.release() }
        let programs = try NightlyRun.programs()
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        guard chdir(folder) == 0 else { throw SystemFault(operation: "enter", path: folder, code: errno) }
        let started = (clock: monotonicSeconds(), date: wallSeconds())

        let configuration: NightlyConfiguration
        do {
            configuration = try NightlyConfiguration(root)
        } catch let error as NightlyError where !dryRun {
            // Nobody sits before a night's terminal: who is to be told is told, when the file says that much.
            var summary = NightlySummary(configuration: file, store: nil, started: started.date)
            summary.error = error.description
            summary.errorStatus = error.exitStatus
            if let hook = try? NightlyConfiguration.hook(root) { _ = NightlyRun.tell(hook, summary, log: log) }
            throw error
        }
        StopRequest.install()
        let steps = NightlyStep.plan(configuration)
        let run = NightlyRun(
            configuration: configuration, programs: programs, quiet: output.quiet, log: log,
            shouldStop: { StopRequest.isMade })
        if dryRun { return try forecast(run, steps) }

        if !output.quiet {
            for line in try NightlyForecast(run.forecasts(steps), isEphemeral: run.configuration.isEphemeral)
                .lines
            { log.write(.info, line) }
        }
        var summary = NightlySummary(configuration: file, store: configuration.store, started: started.date)
        try run.run(steps, into: &summary)
        summary.seconds = monotonicSeconds() - started.clock
        let told = NightlyRun.tell(configuration.hook, summary, log: log)
        if output.json {
            try ResultStream.standardOutput.write(summary.json)
        } else if !output.quiet || summary.outcome != "unchanged" {
            try ResultStream.standardOutput.write(report: summary.text)
        }
        if summary.exitStatus != .done { throw summary.exitStatus.code }
        // Who waits for the hook's message waits in vain.
        if !told { throw ExitStatus.inputOutput.code }
    }

    private func forecast(_ run: NightlyRun, _ steps: [NightlyStep]) throws {
        let forecast = NightlyForecast(try run.forecasts(steps), isEphemeral: run.configuration.isEphemeral)
        if StopRequest.isMade { throw ConsoleError.stopped(advice: "nothing was written") }
        if output.json {
            try ResultStream.standardOutput.write([
                "steps": .array(steps.map { ["step": .text($0.name), "command": .text($0.command)] }),
                "forecasts": .array(forecast.json),
            ])
        } else {
            let commands = steps.map { "\($0.name): \($0.command)\n" }.joined()
            // Commands are copied: a line end is none of theirs.
            try ResultStream.standardOutput.write(commands + "\n")
            try ResultStream.standardOutput.write(report: forecast.lines.map { $0 + "\n" }.joined())
        }
        if let failed = forecast.firstFailure {
            throw (ExitStatus(rawValue: failed) ?? .internalError).code
        }
    }
}
