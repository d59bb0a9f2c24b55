/// An error a person reads: which file, which line or key, what was expected, what was found, what to do.
///
/// Every library has one error enum that conforms; programs print `description` and exit with `exitStatus`.
package protocol Diagnosable: Error, CustomStringConvertible, Sendable {
    var exitStatus: ExitStatus { get }
}
