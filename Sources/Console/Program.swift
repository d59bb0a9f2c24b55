import ArgumentParser
import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Runs a program's root command and turns every ending into a message and an exit status.
package enum Program {
    /// Parses the command line, runs the command, exits. Call it from the root command's `static func main()`.
    ///
    /// Usage errors exit 64 with the usage on standard error; a `Diagnosable` exits with its own status; anything else is
    /// a defect: 70. A reader of standard output that goes away ends the program quietly.
    package static func run<Root: ParsableCommand>(_ root: Root.Type) -> Never {
        // A write to a closed pipe shall fail with EPIPE, not kill a build because nobody reads its messages.
        signal(SIGPIPE, SIG_IGN)
        // Likewise a file size limit is an error with a path, as a full disk is.
        signal(SIGXFSZ, SIG_IGN)
        let name = root._commandName
        do {
            var command = try root.parseAsRoot()
            try command.run()
            try ResultStream.standardOutput.flush()
            exit(ExitStatus.done.rawValue)
        } catch {
            // Results produced before the failure are still results.
            try? ResultStream.standardOutput.flush()
            end(root, name: name, error: error)
        }
    }

    private static func end<Root: ParsableCommand>(_ root: Root.Type, name: String, error: any Error) -> Never {
        MessageStream.standardError.showStatus("")
        switch error {
        case ConsoleError.brokenPipe:
            exit(ExitStatus.done.rawValue)
        case let error as any Diagnosable:
            MessageStream.standardError.say("\(name): \(error.description)")
            exit(error.exitStatus.rawValue)
        case is ExitCode, is CleanExit, is ValidationError:
            root.exit(withError: error)
        default:
            // Parser errors are internal to ArgumentParser; it knows them by their exit code.
            let code = root.exitCode(for: error)
            if code == .success || code == .validationFailure { root.exit(withError: error) }
            MessageStream.standardError.say(
                "\(name): internal error: \(error); this is a defect in Polylex, please report it with the command line")
            exit(ExitStatus.internalError.rawValue)
        }
    }
}

extension ExitStatus {
    /// Thrown by a command that has said all there is to say and only wants the status.
    package var code: ExitCode { ExitCode(rawValue) }
}
