import Diagnostics

/// What ends a program early for reasons of its surroundings rather than of its input.
package enum ConsoleError: Diagnosable, Equatable {
    /// The reader of standard output went away ("| head"): nothing is wrong, nobody listens.
    case brokenPipe
    /// The user or the system asked the program to stop and it did, cleanly.
    case stopped(advice: String)
    /// The limit of open files (ulimit -n) is too low, and may not be raised.
    case fewDescriptors(limit: Int, needed: Int)

    package var exitStatus: ExitStatus {
        switch self {
        case .brokenPipe: .done
        case .stopped: .tryAgain
        case .fewDescriptors: .inputOutput
        }
    }

    package var description: String {
        switch self {
        case .brokenPipe: "the reader of standard output closed it"
        case .stopped(let advice): "stopped; \(advice)"
        case .fewDescriptors(let limit, let needed):
            "no more than \(limit) files may be open at a time, and \(needed) are needed; raise the limit (ulimit -Hn, "
                + "LimitNOFILE= of a service) and run the same command again"
        }
    }
}
