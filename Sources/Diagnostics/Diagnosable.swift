/// An error a person reads: which file, which line or key, what was expected, what was found, what to do.
///
/// Every library has one error enum that conforms; programs print `description` and exit with `exitStatus`.
package protocol Diagnosable: Error, CustomStringConvertible, Sendable {
    var exitStatus: ExitStatus { get }
}

/// Exit codes of every Polylex program; part of the command contract (docs/architecture.md).
package enum ExitStatus: Int32, Sendable {
    /// Everything asked for was done.
    case done = 0
    /// An evaluation or a check did not hold (`verify` found damage, a score is outside its bound).
    case failedCheck = 1
    /// The command line was wrong.
    case usage = 64
    /// An input was read and is malformed.
    case badInput = 65
    /// An input does not exist or cannot be opened.
    case missingInput = 66
    /// A defect in Polylex itself.
    case internalError = 70
    /// Reading or writing failed (full disk, read-only folder, device error).
    case inputOutput = 74
    /// Somebody else holds what is needed; the same command may succeed later.
    case tryAgain = 75
}
