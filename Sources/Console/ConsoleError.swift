import Diagnostics

/// What ends a program early for reasons of its surroundings rather than of its input.
package enum ConsoleError: Diagnosable, Equatable {
    /// The reader of standard output went away ("| head"): nothing is wrong, nobody listens.
    case brokenPipe
    /// The user or the system asked the program to stop and it did, cleanly.
    case stopped(advice: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .brokenPipe: .done
        case .stopped: .tryAgain
        }
    }

    package var description: String {
        switch self {
        case .brokenPipe: "the reader of standard output closed it"
        case .stopped(let advice): "stopped; \(advice)"
        }
    }
}
