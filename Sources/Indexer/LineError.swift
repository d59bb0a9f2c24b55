import Diagnostics

/// What is wrong with a line of a stream.
struct LineError: Diagnosable {
    let name: String
    let line: Int
    let expected: String
    let found: String

    var exitStatus: ExitStatus { .badInput }
    var description: String { "\(name), line \(line): expected \(expected), found \(found)" }
}
