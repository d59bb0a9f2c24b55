import ArgumentParser
import CProcess
import Diagnostics
import Files
import Parallelism

#if canImport(Glibc)
import Glibc
#endif

/// Runs a program's root command and turns every ending into a message and an exit status.
package enum Program {
    /// Gives the system back what is free in the heap: questions that allocate and free from several threads leave it
    /// full of holes, which a program that runs for weeks would keep.
    package static func giveBackMemory() { cp_give_back_memory() }

    /// Parses the command line, runs the command, exits. Call it from the root command's `static func main()`.
    ///
    /// Usage errors exit 64 with the usage on standard error; a `Diagnosable` exits with its own status; anything else
    /// is a defect: 70. A reader of standard output that goes away ends the program quietly.
    /// - Parameter arguments: without the program's name; what was typed when left out.
    package static func run<Root: ParsableCommand>(_ root: Root.Type, arguments: [String]? = nil) -> Never {
        // A write to a closed pipe shall fail with EPIPE, not kill a build because nobody reads its messages.
        signal(SIGPIPE, SIG_IGN)
        // Likewise a file size limit is an error with a path, as a full disk is.
        signal(SIGXFSZ, SIG_IGN)
        let name = root._commandName
        do {
            try requireDescriptors()
            if !CommandLine.arguments.contains("--quiet") {
                InputRemark.listen { MessageStream.standardError.say("\(name): \($0)", style: .dim) }
            }
            var command = try root.parseAsRoot(arguments)
            try command.run()
            try ResultStream.standardOutput.flush()
            tellOfMissingThreads(name)
            exit(ExitStatus.done.rawValue)
        } catch {
            // Results produced before the failure are still results.
            try? ResultStream.standardOutput.flush()
            end(root, name: name, arguments: arguments ?? Array(CommandLine.arguments.dropFirst()), error: error)
        }
    }

    /// With fewer, files cannot be opened that every command needs, and what libraries do then is not always an error.
    /// Descriptors 0 to 2 are open and the limit is raised already: see CProcess, which acts before main.
    private static func requireDescriptors() throws {
        let limit = Int(cp_descriptor_limit()), needed = Int(CP_FEWEST_DESCRIPTORS)
        guard limit >= needed else { throw ConsoleError.fewDescriptors(limit: limit, needed: needed) }
    }

    /// Results are the same; what took longer than it should have gets its reason.
    private static func tellOfMissingThreads(_ name: String) {
        guard let code = ThreadStart.shortage, !CommandLine.arguments.contains("--quiet") else { return }
        MessageStream.standardError.say(
            "\(name): fewer threads than asked for did the work, the system gave no more "
                + "(\(String(cString: strerror(code))): "
                + "see ulimit -u, ulimit -v and the container's pids limit)")
    }

    private static func end<Root: ParsableCommand>(
        _ root: Root.Type, name: String, arguments: [String], error: any Error
    ) -> Never {
        MessageStream.standardError.showStatus("")
        switch error {
        case ConsoleError.brokenPipe:
            exit(ExitStatus.done.rawValue)
        case let error as any Diagnosable:
            MessageStream.standardError.say("\(name): \(error.description)", style: .red)
            exit(error.exitStatus.rawValue)
        case is ExitCode, is CleanExit:
            root.exit(withError: error)
        default:
            // Parser errors are internal to ArgumentParser; it knows them by their exit code.
            let code = root.exitCode(for: error)
            if code == .success { root.exit(withError: error) }
            if code == .validationFailure {
                // Arguments may be names of files, which a stranger chose.
                let message = root.fullMessage(for: error)
                var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                if !message.contains("Did you mean"), let meant = MistypedName.remark(root, arguments: arguments) {
                    lines.insert("       " + meant, at: 1)
                }
                for line in lines {
                    MessageStream.standardError.say(line, style: line.hasPrefix("Error: ") ? .red : nil)
                }
                exit(code.rawValue)
            }
            MessageStream.standardError.say(
                "\(name): internal error: \(error); this is a defect in Polylex, please report it with the "
                    + "command line",
                style: .red)
            exit(ExitStatus.internalError.rawValue)
        }
    }
}

extension ExitStatus {
    /// Thrown by a command that has said all there is to say and only wants the status.
    package var code: ExitCode { ExitCode(rawValue) }
}
